import { applyAll, withOp } from "../graph/build.ts";
import type { ReduceAttrs, SeveralOp } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Axes } from "./axes.ts";
import { reduceAttrs, reducedShape, type ReduceOptions } from "./reduction.ts";
import { checkFloat, mean, variance } from "./statistics.ts";

const decompose = ([x]: readonly Tensor[], { axes, keepDims }: ReduceAttrs): readonly Tensor[] => [
  mean(x, axes, { keepDims }),
  variance(x, axes, { keepDims }),
];

const op: SeveralOp<ReduceAttrs> = {
  kind: "composite",
  several: true,
  name: "moments",
  axial: true,
  infer([{ shape, dtype }], attrs) {
    const reduced = { shape: reducedShape(shape, attrs), dtype };
    return [reduced, reduced];
  },
  derivative: { kind: "composite", decompose },
  decompose,
  cpu([x], [{ shape }], { axes }, _, R) {
    const rows = R.rowsAlong(shape, axes);
    return [R.meanOf, R.varianceOf].map((f) => Float64Array.from(rows, (places) => f(x, places)));
  },
};

/**
 * The mean and the variance of x along some axes, along all where none are given: Σ x / n and Σ (x − mean)² / n, NaN where
 * there are no elements. The variance is right to the digits of the spread, so a large mean does no harm.
 * @param x float32
 * @param axes one axis, or several; all by default; negative ones count from the back
 * @param options whether the axes are kept
 * @returns the mean and the variance of the population, float32, without these axes
 * @throws DtypeError where x is not float32
 * @throws ShapeError where there is no such axis
 */
export const moments = withOp(
  (x: Tensor, axes?: Axes, options: ReduceOptions = {}): [mean: Tensor, variance: Tensor] => {
    const attrs = reduceAttrs("moments", x, axes, options);
    checkFloat("moments", x);
    const [first, second] = applyAll(op, [x], attrs);
    return [first, second];
  },
  op,
);
