import { tensor, type Tensor } from "cotangent";
import * as model from "./model.ts";

/** A vector or matrix that one gives. */
export interface Given {
  name: string;
  /** [n] or [rows, columns]. */
  shape: readonly number[];
  initial: readonly number[];
}

export interface Example {
  name: string;
  lines(given: readonly Tensor[]): model.Line[];
  given: readonly Given[];
  /** The numbers that it begins with, one after the other. */
  initial: readonly number[];
}

const given = (name: string, shape: readonly number[], ...initial: number[]): Given => ({
  name,
  shape,
  initial,
});

const example = (name: string, lines: Example["lines"], ...all: Given[]): Example => ({
  name,
  lines,
  given: all,
  initial: all.flatMap(({ initial }) => initial),
});

export const rules = {
  quadratics: example(
    "(xᵀAx)(xᵀBx)",
    model.quadratics,
    given("x", [2], 1, -2),
    given("dx", [2], 0.5, 1),
    given("A", [2, 2], 2, 1, 0, 3),
    given("B", [2, 2], 1, -1, 2, 0.5),
  ),
  norm: example(
    "‖x‖³ and its Hessian",
    model.normCubed,
    given("x", [3], 1, 2, -2),
    given("dx", [3], 1, 0, 0.5),
  ),
  determinant: example(
    "det(AXB)",
    model.determinant,
    given("X", [2, 2], 2, 1, -1, 1),
    given("dX", [2, 2], 1, 0, 0, 1),
    given("A", [2, 2], 1, 2, 0, 1),
    given("B", [2, 2], 3, 1, 1, 1),
  ),
  softmax: example(
    "softmax regression",
    model.softmaxRegression,
    given("W", [3, 2], 1, 0, -1, 2, 0.5, -0.5),
    given("dW", [3, 2], 1, 0, 0, 0, 0, -1),
    given("x", [2], 1, -0.5),
    given("b", [3], 0, 0.5, -0.5),
  ),
};

export type RulesName = keyof typeof rules;

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The numbers that an example begins with. */
export const initialNumbers = (name: RulesName): readonly number[] => rules[name].initial;

/** Numbers cut into what each is given for. */
export function portions(name: RulesName, numbers: readonly number[]): number[][] {
  let at = 0;
  return rules[name].given.map(({ shape }) => numbers.slice(at, (at += sizeOf(shape))));
}

/** A line of a derivation in numbers. */
export interface Found {
  shape: readonly number[];
  byRule: Float64Array;
  /** The largest difference from what the library finds, of the size of the largest number. */
  error: number;
}

/** Every line of a derivation, in float64. */
export async function derive(name: RulesName, numbers: readonly number[]): Promise<Found[]> {
  const parts = portions(name, numbers);
  const tensors = rules[name].given.map(({ shape }, i) => tensor(parts[i], [...shape]));
  return Promise.all(
    rules[name].lines(tensors).map(async ({ byRule, byLibrary }) => {
      const [rule, library] = await Promise.all(
        [byRule, byLibrary].map((x) => x.data<Float64Array>({ dtype: "float64" })),
      );
      const largest = (all: Float64Array) => all.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
      const size = Math.max(largest(library), Number.MIN_VALUE);
      const off = largest(rule.map((v, i) => v - library[i]));
      return { shape: byRule.shape, byRule: rule, error: off === 0 ? 0 : off / size };
    }),
  );
}
