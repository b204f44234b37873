import { made, slider } from "../site/settings.ts";
import { examples, formatCurve, parseCurve, type Curve } from "./curve.ts";

/** A bump that was pulled, and to which height. */
export interface Pull {
  bump: number;
  height: number;
}

export const mostBumps = 40;

/** The curve, and what approximates it. */
export const fields = {
  curve: made<Curve>({
    label: "Curve",
    effect: "live",
    initial: examples.hills,
    parse: parseCurve,
    format: formatCurve,
  }),
  bumps: slider({
    label: "Bumps",
    effect: "live",
    min: 1,
    max: mostBumps,
    step: 1,
    initial: 12,
  }),
  steepness: slider({
    label: "Steepness of the sigmoids",
    effect: "live",
    min: 10,
    max: 1000,
    step: 0.02,
    isLog: true,
    initial: 300,
  }),
  pull: made<Pull | null>({
    label: "Pulled bump",
    effect: "live",
    initial: null,
    parse(text) {
      const [bump, height] = text.split(",").map(Number);
      const isOne = Number.isInteger(bump) && bump >= 0 && bump < mostBumps;
      return isOne && Math.abs(height) <= 1 ? { bump, height } : undefined;
    },
    format: (pull) => (pull ? `${pull.bump},${pull.height}` : "none"),
  }),
  units: slider({
    label: "Sigmoids",
    effect: "rebuild",
    min: 1,
    max: 64,
    step: 1,
    initial: 16,
  }),
  rate: slider({
    label: "Learning rate",
    effect: "live",
    min: 1e-3,
    max: 0.3,
    step: 0.02,
    isLog: true,
    initial: 0.03,
  }),
};
