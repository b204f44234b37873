import { choice, number, numberChoice, slider } from "../site/settings.ts";

/** The usual learning rate of each optimizer. */
const usualRate = { adam: 1e-3, sgd: 0.1 } as const;

/** What a run is determined by. */
export const fields = {
  network: choice({
    label: "Hidden layers",
    effect: "rebuild",
    options: {
      "784-10": "none (softmax)",
      "784-128-10": "128 units",
      "784-256-128-10": "256, then 128",
    },
    initial: "784-128-10",
  }),
  optimizer: choice({
    label: "Optimizer",
    effect: "rebuild",
    options: { adam: "Adam", sgd: "Plain SGD" },
    initial: "adam",
  }),
  rate: slider({
    label: "Learning rate",
    hint: "takes effect at once, even during training",
    effect: "live",
    min: 1e-4,
    max: 1,
    step: 0.05,
    isLog: true,
    initial: ({ optimizer }) => usualRate[optimizer as keyof typeof usualRate],
  }),
  batch: numberChoice({
    label: "Batch size",
    effect: "rebuild",
    options: [16, 32, 64, 128, 256],
    initial: 64,
  }),
  epochs: numberChoice({
    label: "Epochs",
    hint: "a run that is under way goes on",
    effect: "extend",
    options: [5, 10, 20, 50],
    initial: 20,
  }),
  seed: number({
    label: "Seed",
    hint: "the same seed gives the same run",
    effect: "rebuild",
    min: 0,
    max: 2 ** 32 - 1,
    isWhole: true,
    initial: 0,
  }),
};
