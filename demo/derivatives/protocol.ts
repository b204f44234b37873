import type { EvaluationTrace } from "cotangent";
import type { Layout } from "./layout.ts";

/** What is asked of a formula at a place. */
export interface Question {
  kind: keyof Answers;
  formula: string;
  at: readonly number[];
  /** The input that a curve runs along. */
  by: number;
  /** Whether its graph has more room downwards than to the right. */
  isTall: boolean;
}

/** A way to find a gradient. */
export interface Way {
  name: string;
  /** The largest difference from the one by hand, of its size. */
  error: number;
  /** What it takes, in words. */
  cost: string;
}

/** Errors of the gradient by the step of the differences, of its size. */
export interface Errors {
  eps: readonly number[];
  forward: readonly number[];
  central: readonly number[];
  complexStep: readonly number[];
}

/** The values of f along an input, and the slope of each. */
export interface Curve {
  xs: Float32Array;
  values: Float32Array;
  slopes: Float32Array;
}

export interface Answers {
  trace: Pick<EvaluationTrace, "nodes" | "cost"> & { layout: Layout };
  errors: Errors;
  ways: readonly Way[];
  curve: Curve;
  /** Gradients a second. */
  speed: number;
}

export type Answer = Answers[keyof Answers];
