import { gradients } from "../../src/autodiff/gradients.ts";
import type { HostArray } from "../../src/base/dtype.ts";
import { evaluateComplex, evaluateReal, interpret } from "../../src/backends/cpu/interpret.ts";
import { constantOf } from "../../src/graph/build.ts";
import type { ComplexArray } from "../../src/graph/op.ts";
import { describe, type Tensor } from "../../src/graph/tensor.ts";

/** A float tensor that holds float64 values. */
export function floats(
  values: ArrayLike<number>,
  shape: readonly number[] = [values.length],
): Tensor {
  return constantOf(Float64Array.from(values), { shape, dtype: "float32" });
}

function constantData(x: Tensor): HostArray {
  if (x.source?.kind !== "constant") throw new Error(`${describe(x)} is no constant`);
  return x.source.data;
}

/** A graph's value on the float64 reference. */
export function valueOf(y: Tensor): HostArray {
  return interpret([y], constantData, evaluateReal("float64"))[0];
}

/** The step of complexStep, tiny beside any float32, subnormal ones included. */
const STEP = 1e-100;

/** Σₖ ∂y/∂xₖ vₖ as Im y(x + iεv)/ε. */
export function complexStep(y: Tensor, directions: ReadonlyMap<Tensor, HostArray>): Float64Array {
  const leaf = (x: Tensor): ComplexArray => ({
    re: constantData(x),
    im: directions.has(x) ? Float64Array.from(directions.get(x)!, (v) => v * STEP) : null,
  });
  const [{ im }] = interpret([y], leaf, evaluateComplex);
  return im ? im.map((v) => v / STEP) : new Float64Array(y.size);
}

/** dy/dx for a y each of whose elements depends on the same element of x; of any order, when repeated. */
export function derivative(y: Tensor, x: Tensor): Tensor {
  return gradients(y, [x], floats(new Float64Array(y.size).fill(1), y.shape))[0];
}
