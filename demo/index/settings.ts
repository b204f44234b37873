import { number } from "../site/settings.ts";

/** The numbers in the code that can be changed. */
export const fields = {
  units: number({
    label: "units",
    effect: "rebuild",
    min: 1,
    max: 512,
    isWhole: true,
    initial: 32,
  }),
  rate: number({ label: "rate", effect: "rebuild", min: 1e-5, max: 1, initial: 0.01 }),
  batch: number({
    label: "batch",
    effect: "rebuild",
    min: 1,
    max: 1024,
    isWhole: true,
    initial: 128,
  }),
  noise: number({ label: "noise", effect: "rebuild", min: 0, max: 1, initial: 0.1 }),
};
