import { made, slider } from "../site/settings.ts";
import { formulaFields } from "./formula-settings.ts";
import { raceFields } from "./race/settings.ts";
import { ruleFields } from "./rules/settings.ts";

/** What is differentiated and where, which step of which mode is looked at, and the ε of differences. */
export const fields = {
  ...formulaFields,
  by: made<number>({
    label: "Forward mode from",
    effect: "live",
    initial: 0,
    parse: (text) => (/^[1-9]$/.test(text) ? Number(text) - 1 : undefined),
    format: (index) => String(index + 1),
  }),
  step: made<number>({
    label: "Step",
    effect: "live",
    initial: 0,
    parse: (text) => (/^\d{1,4}$/.test(text) ? Number(text) : undefined),
    format: String,
  }),
  epsilon: slider({
    label: "ε",
    effect: "live",
    min: 1e-15,
    max: 1,
    step: 0.25,
    isLog: true,
    initial: 1e-5,
  }),
  ...ruleFields,
  ...raceFields,
};
