import { made } from "../site/settings.ts";
import { mostInputs, mostLetters } from "./expression.ts";

/** Formulas to begin with, and where. */
export const examples = {
  lecture: { name: "the lecture’s", formula: "(x₁x₂ sin x₃ + exp(x₁x₂))/x₃", at: [1, 2, 3] },
  norm: { name: "a length", formula: "√(x² + y²)", at: [3, 4] },
  neuron: { name: "a neuron", formula: "σ(x₁x₂ + x₃)", at: [2, -1, 0.5] },
  trapp: { name: "Squire and Trapp’s", formula: "e^x/√(sin³x + cos³x)", at: [1.5] },
} as const;

/** What is differentiated, and where. */
export const formulaFields = {
  formula: made<string>({
    label: "Formula",
    effect: "live",
    initial: examples.lecture.formula,
    parse: (text) => (text.length <= mostLetters ? text : undefined),
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
};
