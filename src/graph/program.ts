import type { Tensor } from "./tensor.ts";
import type { Variable } from "./variable.ts";

/** A variable and the value that it takes when the program ends. */
export interface Effect {
  variable: Variable;
  value: Tensor;
}

/** A closed graph: what goes in, what comes out, and which variables change. */
export interface Program {
  /** A name for messages and profiles. */
  name: string;
  /** Placeholders, in the order of the arguments. */
  inputs: readonly Tensor[];
  outputs: readonly Tensor[];
  effects: readonly Effect[];
  /** Made to be run many times over: worth moving variables for. */
  lasting: boolean;
}
