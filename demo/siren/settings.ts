import { choice, made, numberChoice, slider } from "../site/settings.ts";
import type { Grey } from "./picture.ts";

/** What can be looked at. */
export const viewNames = {
  image: "Shades",
  gradient: "Gradient",
  laplacian: "Laplacian",
} as const;

export type View = keyof typeof viewNames;

/** A picture of the visitor's own, and the how many-th. */
export interface Own extends Grey {
  id: number;
}

/** Sizes that are chosen for the machine unless the visitor chooses. */
const auto = "as suits this machine";

/** What the networks are, and what is shown of them. */
export const fields = {
  view: choice({ label: "Look at", effect: "live", options: viewNames, initial: "image" }),
  wipe: slider({
    label: "Sine on the left, ReLU on the right",
    effect: "live",
    min: 0,
    max: 100,
    step: 1,
    initial: 50,
  }),
  image: made<Own | null>({
    label: "Picture",
    effect: "rebuild",
    initial: null,
    // A picture of one's own stays where it is: a link can but say that there was one.
    parse: () => undefined,
    format: (own) => (own ? `own-${own.id}` : "ours"),
  }),
  size: choice({
    label: "Longer side",
    effect: "rebuild",
    options: {
      auto,
      "64": "64 pixels",
      "96": "96 pixels",
      "128": "128 pixels",
      "192": "192 pixels",
      "256": "256 pixels",
    },
    initial: "auto",
  }),
  width: choice({
    label: "Units in a layer",
    effect: "rebuild",
    options: { auto, "16": "16", "32": "32", "64": "64", "128": "128", "256": "256" },
    initial: "auto",
  }),
  layers: numberChoice({
    label: "Hidden layers",
    effect: "rebuild",
    options: [1, 2, 3, 4, 5],
    initial: 3,
  }),
  batch: choice({
    label: "Pixels in a step",
    effect: "rebuild",
    options: {
      auto,
      "256": "256",
      "1024": "1,024",
      "4096": "4,096",
      "16384": "16,384",
    },
    initial: "auto",
  }),
  omega: slider({
    label: "ω₀ in the sine",
    effect: "rebuild",
    min: 1,
    max: 100,
    step: 1,
    initial: 30,
  }),
  rate: slider({
    label: "Learning rate",
    effect: "live",
    min: 1e-5,
    max: 1e-2,
    step: 0.02,
    isLog: true,
    initial: 5e-4,
  }),
};

/** What computes. */
export interface Machine {
  backend: "webgpu" | "cpu";
  isFallback: boolean;
}

/** What is computed in seconds by each kind of machine: a picture so long, layers so wide, so many pixels in a step. */
export function suited({ backend, isFallback }: Machine) {
  if (backend === "cpu") return { size: 48, width: 32, batch: 256 };
  return isFallback ? { size: 64, width: 64, batch: 1024 } : { size: 128, width: 128, batch: 4096 };
}

/** A number that was chosen, or that which suits. */
export const chosen = (text: string, suits: number): number =>
  text === "auto" ? suits : Number(text);
