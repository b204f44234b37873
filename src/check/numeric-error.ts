import { gradientsOf } from "../autodiff/gradients.ts";
import { evaluateReal, interpret } from "../backends/cpu/interpret.ts";
import { Tensor } from "../graph/tensor.ts";
import { withTrace } from "../graph/trace.ts";
import { tensor, type NestedValues } from "../ops/create.ts";
import {
  complexStepOf,
  differencesOf,
  distance,
  graphOf,
  readSources,
  realAt,
  type Graph,
  type ScalarFunction,
} from "./oracles.ts";

/** The errors of numerical derivatives, an entry for each ε. */
export interface NumericError {
  /** From 10⁻¹⁵ to 1, four a decade. */
  eps: readonly number[];
  /** Of (f(x + ε) − f(x))/ε: about ε f″/2 and u f/ε, so least near ε = √u. */
  forward: readonly number[];
  /** Of (f(x + ε) − f(x − ε))/2ε: about ε² f‴/6 and u f/ε, so least near ε = ∛u. */
  central: readonly number[];
  /** Of Im f(x + iε)/ε: about ε² f‴/6 alone, as nothing is subtracted, so none to rounding below ε = √u. */
  complexStep: readonly number[];
}

const DECADES = 15;
const IN_A_DECADE = 4;

/** Ascending; the powers of ten as they are read. */
const steps = (): number[] =>
  Array.from({ length: DECADES * IN_A_DECADE + 1 }, (_, k) => {
    const decade = Math.floor(k / IN_A_DECADE);
    return Number(`1e${decade - DECADES}`) * 10 ** ((k % IN_A_DECADE) / IN_A_DECADE);
  });

/**
 * How far numerical derivatives of f at x are from what reverse mode gives, by the step ε, in float64 on the reference:
 * the largest error of an element relative to the largest element of the gradient. Infinity where f is not defined at
 * x ± ε, NaN where it has no value or no gradient at x. With u = 2⁻⁵³, what rounding takes from a difference, u f/ε, grows as the error of its formula falls; a
 * complex step has no such loss. Press et al.: "Numerical Recipes", 5.7; Squire, Trapp 1998.
 * @param f a function of one tensor that returns a scalar
 * @param x where
 * @returns an error for each step and formula
 * @throws ShapeError where f returns no scalar
 * @throws GradientError where f depends on x only through ops without derivatives
 */
export async function numericGradError(
  f: ScalarFunction,
  x: Tensor | NestedValues,
): Promise<NumericError> {
  const graph = await graphOf("numericGradError", f, x instanceof Tensor ? x : tensor(x));
  const exact = await reverseOf(graph);
  const eps = steps();
  // Where f has no value, the rules of its ops may give a number all the same: that of log is 1/x.
  const hasGradient = ![realAt(graph, graph.data), ...exact].some(Number.isNaN);
  const errors = (of: (eps: number) => Float64Array) =>
    eps.map((e) => (hasGradient ? distance(of(e), exact).relative : NaN));
  return {
    eps,
    forward: errors((e) => differencesOf(graph, "forward", e)),
    central: errors((e) => differencesOf(graph, "central", e)),
    complexStep: errors((e) => complexStepOf(graph, e)),
  };
}

/** The gradient by the rules of the ops. */
async function reverseOf({ trace, input, data, y, values }: Graph): Promise<Float64Array> {
  const [g] = withTrace(trace, () =>
    gradientsOf("numericGradError", y, [input], undefined, () => "x"),
  );
  const sources = await readSources([g], [input]);
  const leaf = (node: Tensor) => (node === input ? data : (values.get(node) ?? sources.get(node)!));
  return Float64Array.from(interpret([g], leaf, evaluateReal("float64"))[0]);
}
