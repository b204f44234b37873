import { names as activationNames } from "../activations/settings.ts";
import { choice, made, numberChoice, slider, toggle } from "../site/settings.ts";
import type { features, optimizers } from "./model.ts";
import { formatPainted, parsePainted, type Painted } from "./painted.ts";
import type { SetName } from "./samples.ts";

export const setNames: Readonly<Record<SetName, string>> = {
  circle: "Circle",
  xor: "XOR",
  gaussians: "Gaussians",
  spiral: "Spiral",
  moons: "Moons",
  plane: "Plane",
  hills: "Hills",
  own: "My own",
};

/** What the network may be given, in the order in which it is drawn. */
export const inputNames: Readonly<Record<keyof typeof features, string>> = {
  x1: "x₁",
  x2: "x₂",
  x1x1: "x₁²",
  x2x2: "x₂²",
  x1x2: "x₁x₂",
  sin1: "sin πx₁",
  sin2: "sin πx₂",
};

export type InputName = keyof typeof inputNames;
export const allInputs = Object.keys(inputNames) as InputName[];

const optimizerNames: Readonly<Record<keyof typeof optimizers, string>> = {
  adam: "Adam",
  sgd: "Plain SGD",
  momentum: "SGD with momentum",
  rmsprop: "RMSProp",
  adagrad: "Adagrad",
};

/** A learning rate with which each optimizer does well here. */
const usualRates: Readonly<Record<keyof typeof optimizers, number>> = {
  adam: 0.02,
  sgd: 0.3,
  momentum: 0.05,
  rmsprop: 0.01,
  adagrad: 0.1,
};

export const mostLayers = 8;
export const mostUnits = 128;

const initialInputs: readonly InputName[] = ["x1", "x2"];
const initialLayers: readonly number[] = [8, 4];
const nothingPainted: Painted = [];

export const fields = {
  data: choice({ label: "Points", effect: "rebuild", options: setNames, initial: "circle" }),
  count: numberChoice({
    label: "How many",
    effect: "rebuild",
    options: [100, 400, 1000, 10_000, 100_000],
    initial: 400,
  }),
  noise: slider({ label: "Noise", effect: "live", min: 0, max: 0.5, step: 0.01, initial: 0.1 }),
  tested: slider({
    label: "Kept for testing",
    effect: "live",
    min: 0.1,
    max: 0.9,
    step: 0.05,
    initial: 0.5,
  }),
  seed: made<number>({
    label: "Seed",
    effect: "live",
    initial: 1,
    parse: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined),
    format: String,
  }),
  painted: made<Painted>({
    label: "Painted points",
    effect: "live",
    initial: nothingPainted,
    parse: parsePainted,
    format: formatPainted,
  }),
  inputs: made<readonly InputName[]>({
    label: "Inputs",
    effect: "rebuild",
    initial: initialInputs,
    parse(text) {
      const given = text.split(" ");
      const known = allInputs.filter((name) => given.includes(name));
      return known.length === given.length ? known : undefined;
    },
    format: (inputs) => inputs.join(" "),
  }),
  layers: made<readonly number[]>({
    label: "Hidden layers",
    effect: "rebuild",
    initial: initialLayers,
    parse(text) {
      if (text === "none") return [];
      const sizes = text.split("-").map(Number);
      const isOne = (n: number) => Number.isInteger(n) && n >= 1 && n <= mostUnits;
      return sizes.length <= mostLayers && sizes.every(isOne) ? sizes : undefined;
    },
    format: (layers) => layers.join("-") || "none",
  }),
  activation: choice({
    label: "Activation",
    effect: "rebuild",
    options: activationNames,
    initial: "tanh",
  }),
  optimizer: choice({
    label: "Optimizer",
    effect: "rebuild",
    options: optimizerNames,
    initial: "adam",
  }),
  rate: slider({
    label: "Learning rate",
    effect: "live",
    min: 1e-4,
    max: 3,
    step: 0.05,
    isLog: true,
    initial: ({ optimizer }) => usualRates[optimizer as keyof typeof usualRates],
  }),
  batch: numberChoice({
    label: "Batch size",
    effect: "rebuild",
    options: [1, 8, 32, 128, 512],
    initial: 32,
  }),
  penalty: choice({
    label: "Regularisation",
    effect: "rebuild",
    options: { none: "none", L1: "L1", L2: "L2" },
    initial: "none",
  }),
  strength: slider({
    label: "Its strength",
    effect: "live",
    min: 1e-5,
    max: 1,
    step: 0.05,
    isLog: true,
    initial: 0.001,
  }),
  tests: toggle({ label: "Show test points", effect: "live", initial: false }),
  steps: toggle({ label: "Discrete answer", effect: "live", initial: false }),
};
