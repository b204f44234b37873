import { made, slider } from "../site/settings.ts";
import { raceFields } from "./race/settings.ts";
import { mostInputs } from "./read.ts";
import { ruleFields } from "./rules/settings.ts";

/** Formulas to begin with, and where. */
export const examples = {
  lecture: { name: "the lecture’s", formula: "(x₁x₂ sin x₃ + exp(x₁x₂))/x₃", at: [1, 2, 3] },
  norm: { name: "a length", formula: "√(x² + y²)", at: [3, 4] },
  neuron: { name: "a neuron", formula: "σ(x₁x₂ + x₃)", at: [2, -1, 0.5] },
  trapp: { name: "Squire and Trapp’s", formula: "e^x/√(sin³x + cos³x)", at: [1.5] },
} as const;

/** What is differentiated and where, which step of which mode is looked at, and the ε of differences. */
export const fields = {
  formula: made<string>({
    label: "Formula",
    effect: "live",
    initial: examples.lecture.formula,
    parse: (text) => (text.length <= 200 ? text : undefined),
    format: (text) => text,
  }),
  at: made<readonly number[]>({
    label: "Inputs",
    effect: "live",
    initial: examples.lecture.at,
    parse(text) {
      const numbers = text.split(",").map(Number);
      const areSome = numbers.length <= mostInputs && numbers.every(Number.isFinite);
      return areSome ? numbers : undefined;
    },
    format: (numbers) => numbers.join(","),
  }),
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
