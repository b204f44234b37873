import { isFloat } from "../base/dtype.ts";
import { DtypeError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { sizeOf } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { CompositeOp, ReduceAttrs } from "../graph/op.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import { abs, add, div, mul, rsqrt, sqrt, square, sub } from "./arithmetic.ts";
import { axesOf, type Axes } from "./axes.ts";
import { keepAxes, sum } from "./broadcast.ts";
import { equal, where } from "./compare.ts";
import { numberAs } from "./operands.ts";
import { reduceAttrs, reducedShape, type ReduceOptions } from "./reduction.ts";

/** How many elements each result is made of. */
const countAlong = (x: Tensor, axes: readonly number[]) => sizeOf(axes.map((a) => x.shape[a]));

function checkFloat(op: string, x: Tensor): void {
  if (!isFloat(x.dtype)) {
    throw new DtypeError(
      `${op}: takes float32, got ${describe(x)}; cast it, as in x.cast("float32")`,
    );
  }
}

/** Σ x / n along some axes, along all where none are given; NaN where there are no elements. */
export function mean(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { axes: along, keepDims } = reduceAttrs("mean", x, axes, options);
  checkFloat("mean", x);
  return div(sum(x, along, { keepDims }), countAlong(x, along));
}

export interface VarianceOptions extends ReduceOptions {
  /** What is taken from n in the divisor: 0 for the population's variance, 1 for the sample's. */
  correction?: number;
}

/** Σ (x − mean)² / (n − correction) along some axes; two passes, so a large mean does no harm. */
export function variance(x: Tensor, axes?: Axes, options: VarianceOptions = {}): Tensor {
  const known = ["keepDims", "correction"] as const;
  const { axes: along, keepDims } = reduceAttrs("variance", x, axes, options, known);
  const { correction = 0 } = options;
  checkFloat("variance", x);
  const centred = sub(x, mean(x, along, { keepDims: true }));
  return div(sum(square(centred), along, { keepDims }), countAlong(x, along) - correction);
}

/** √variance. */
export const std = (x: Tensor, axes?: Axes, options: VarianceOptions = {}): Tensor =>
  sqrt(variance(x, axes, options));

const normOp: CompositeOp<ReduceAttrs> = {
  kind: "composite",
  name: "norm",
  infer: ([x], attrs) => ({ shape: reducedShape(x.shape, attrs), dtype: x.dtype }),
  // dy = Σ (x/y) dx, and 0 at the origin, where there is no derivative: PyTorch's convention.
  derivative: {
    kind: "differential",
    differential([dx], [x], y, { axes, keepDims }) {
      const length = keepAxes(y, x.shape, axes);
      const atOrigin = equal(length, 0);
      const direction = where(atOrigin, 0, div(x, where(atOrigin, 1, length)));
      return sum(mul(direction, dx!), axes, { keepDims });
    },
  },
  decompose: ([x], { axes, keepDims }) => sqrt(sum(square(x), axes, { keepDims })),
  cpu: ([x], [{ shape }], { axes }, _, { rowsAlong }) =>
    Float64Array.from(rowsAlong(shape, axes), (places) =>
      Math.sqrt(places.reduce((s, i) => s + x[i] * x[i], 0)),
    ),
};

export interface NormOptions extends ReduceOptions {
  /** 2 for √Σx², 1 for Σ|x|. */
  order?: 1 | 2;
}

/** The norm along some axes, along all where none are given: √Σx², or Σ|x|. */
export const norm = withOp((x: Tensor, axes?: Axes, options: NormOptions = {}): Tensor => {
  const attrs = reduceAttrs("norm", x, axes, options, ["keepDims", "order"]);
  const { order = 2 } = options;
  checkFloat("norm", x);
  if (![1, 2].includes(order)) throw new ValueError(`norm: order is 1 or 2, got ${order}`);
  return order === 1
    ? sum(abs(x), attrs.axes, { keepDims: attrs.keepDims })
    : apply(normOp, [x], attrs);
}, normOp);

interface LayerNormAttrs {
  axes: readonly number[];
  epsilon: number;
}

const layerNormOp: CompositeOp<LayerNormAttrs> = {
  kind: "composite",
  name: "layerNorm",
  infer: ([x]) => x,
  // With s = 1/√(variance + ε): dy = s (dx − mean dx − y mean(y dx)).
  derivative: {
    kind: "differential",
    differential([dx], [x], y, { axes, epsilon }) {
      const average = (t: Tensor) => mean(t, axes, { keepDims: true });
      const s = rsqrt(add(variance(x, axes, { keepDims: true }), epsilon));
      return mul(s, sub(sub(dx!, average(dx!)), mul(y, average(mul(y, dx!)))));
    },
  },
  decompose([x], { axes, epsilon }) {
    const centred = sub(x, mean(x, axes, { keepDims: true }));
    return mul(centred, rsqrt(add(mean(square(centred), axes, { keepDims: true }), epsilon)));
  },
  cpu([x], [{ shape }], { axes, epsilon }, _, { rowsAlong }) {
    const y = new Float64Array(x.length);
    for (const places of rowsAlong(shape, axes)) {
      const average = places.reduce((s, i) => s + x[i], 0) / places.length;
      const spread = places.reduce((s, i) => s + (x[i] - average) ** 2, 0) / places.length;
      for (const i of places) y[i] = (x[i] - average) / Math.sqrt(spread + epsilon);
    }
    return y;
  },
};

export interface LayerNormOptions {
  /** Added to the variance. */
  epsilon?: number;
}

/** (x − mean) / √(variance + ε) along some axes, the last by default. Ba, Kiros, Hinton 2016. */
export const layerNorm = withOp(
  (x: Tensor, axes: Axes = -1, options: LayerNormOptions = {}): Tensor => {
    checkOptions("layerNorm", options, ["epsilon"]);
    const { epsilon = 1e-5 } = options;
    const along = axesOf("layerNorm", x, axes);
    checkFloat("layerNorm", x);
    numberAs("layerNorm", epsilon, "float32");
    return apply(layerNormOp, [x], { axes: along, epsilon } satisfies LayerNormAttrs);
  },
  layerNormOp,
);
