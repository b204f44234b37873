import { choice, made } from "../site/settings.ts";
import { initialOf, networkNames, type NetworkName } from "./networks.ts";

/** Which network, and what of it is looked at. */
export const fields = {
  net: choice({
    label: "Network",
    effect: "rebuild",
    options: networkNames,
    initial: "digits",
  }),
  /** Its own settings, as the link of its page has them. */
  with: made<string>({
    label: "Its settings",
    effect: "rebuild",
    initial: ({ net }) => initialOf(net as NetworkName),
    parse: (text) => text,
    format: String,
  }),
  view: choice({
    label: "View",
    effect: "live",
    options: { programs: "folded into programs", operations: "each operation" },
    initial: "programs",
  }),
  /** The program that is chosen, from 1. */
  program: made<number | null>({
    label: "Program",
    effect: "live",
    initial: null,
    parse: (text) => (/^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined),
    format: (program) => (program === null ? "none" : String(program)),
  }),
};
