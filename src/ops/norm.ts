import { ValueError } from "../base/errors.ts";
import { apply, withOp } from "../graph/build.ts";
import type { CompositeOp, ReduceAttrs } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { abs, add, maximum, mul, reciprocal, sqrt, square } from "./arithmetic.ts";
import type { Axes } from "./axes.ts";
import { keepAxes, sum } from "./broadcast.ts";
import { reshape } from "./movement.ts";
import { reduceAttrs, reducedShape, type ReduceOptions } from "./reduction.ts";
import { binade } from "./rounding.ts";
import { checkFloat, direction } from "./statistics.ts";

// √Σx² is u √Σ(x/u)² for a power of two u about as large as Σ|x|: so no square overflows, none that counts vanishes, and no
// digit is lost.

const normOp: CompositeOp<ReduceAttrs> = {
  kind: "composite",
  name: "norm",
  infer: ([x], attrs) => ({ shape: reducedShape(x.shape, attrs), dtype: x.dtype }),
  axial: true,
  // dy = Σ (x/y) dx
  derivative: {
    kind: "differential",
    differential: ([dx], [x], y, { axes, keepDims }) =>
      sum(mul(direction(x, keepAxes(y, x.shape, axes)), dx!), axes, { keepDims }),
  },
  decompose([x], attrs) {
    const total = (terms: Tensor) => sum(terms, attrs.axes, { keepDims: true });
    const unit = binade(total(abs(x)));
    const y = mul(sqrt(total(square(mul(x, reciprocal(unit))))), unit);
    return reshape(y, reducedShape(x.shape, attrs));
  },
  cpu: ([x], [{ shape }], { axes }, _, { rowsAlong }) =>
    Float64Array.from(rowsAlong(shape, axes), (places) =>
      Math.sqrt(places.reduce((s, i) => s + x[i] * x[i], 0)),
    ),
};

/** Which norm, and how the result is shaped. */
export interface NormOptions extends ReduceOptions {
  /** 2 for √Σx², 1 for Σ|x|. */
  order?: 1 | 2;
}

/**
 * The norm along some axes, along all where none are given: √Σx², or Σ|x|.
 * @param x float32
 * @param axes one axis, or several; all by default; negative ones count from the back
 * @param options which norm, and whether the axes are kept
 * @returns float32, without these axes
 * @throws DtypeError where x is not float32
 * @throws ShapeError where there is no such axis
 * @throws ValueError where the order is neither 1 nor 2
 */
export const norm = withOp((x: Tensor, axes?: Axes, options: NormOptions = {}): Tensor => {
  const attrs = reduceAttrs("norm", x, axes, options, ["keepDims", "order"]);
  const { order = 2 } = options;
  checkFloat("norm", x);
  if (![1, 2].includes(order)) throw new ValueError(`norm: order is 1 or 2, got ${order}`);
  return order === 1
    ? sum(abs(x), attrs.axes, { keepDims: attrs.keepDims })
    : apply(normOp, [x], attrs);
}, normOp);

const jointNormOp: CompositeOp = {
  kind: "composite",
  name: "jointNorm",
  infer: ([x]) => ({ shape: [], dtype: x.dtype }),
  // dy = Σᵢ Σ (xᵢ/y) dxᵢ
  derivative: {
    kind: "differential",
    differential: (tangents, xs, y) =>
      xs
        .flatMap((x, i) => (tangents[i] ? [sum(mul(direction(x, y), tangents[i]))] : []))
        .reduce((a, b) => add(a, b)),
  },
  decompose(xs) {
    const norms = xs.map((x) => norm(x));
    const unit = binade(norms.reduce((a, b) => maximum(a, b)));
    const scale = reciprocal(unit);
    const squares = norms.map((y) => square(mul(y, scale)));
    return mul(sqrt(squares.reduce((a, b) => add(a, b))), unit);
  },
  cpu(xs) {
    let squares = 0;
    for (const x of xs) for (const v of x) squares += v * v;
    return Float64Array.of(Math.sqrt(squares));
  },
};

/** The norm of several tensors as one vector. */
export const jointNorm = withOp((xs: readonly Tensor[]): Tensor => {
  for (const x of xs) checkFloat("globalNorm", x);
  return apply(jointNormOp, xs, {});
}, jointNormOp);
