import type { Dtype } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import * as I from "../base/index-expr.ts";
import { checkShape, sameShape, show, sizeOf, type Shape } from "../base/shape.ts";
import { apply, scalar, withOp } from "../graph/build.ts";
import { unchanged } from "../graph/identity.ts";
import type { MovementOp, ReduceOp } from "../graph/op.ts";
import { infix } from "../graph/scalar.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import type { Axes } from "./axes.ts";
import { only, reshape } from "./movement.ts";
import {
  reduceAttrs,
  reducedShape,
  reduction,
  simpleFold,
  type ReduceOptions,
} from "./reduction.ts";

// Summing and broadcasting are each other's transpose, so they live together.

const broadcastToOp: MovementOp<{ shape: Shape }> = {
  kind: "movement",
  name: "broadcastTo",
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  derivative: { kind: "linear", transpose: (g, [x]) => [sumTo(g, x.shape)] },
  cpu: ([x], [{ shape }], _, out, { spread }) => spread(x, shape, out.shape),
  source: (coords, [x]) => {
    const lead = coords.length - x.shape.length;
    return only(x.shape.map((n, axis) => (n === 1 ? I.zero : coords[lead + axis])));
  },
  batch([x], _, { shape }) {
    const [batch, ...own] = x.shape;
    const ones = shape.slice(own.length).fill(1);
    return broadcastTo(reshape(x, [batch, ...ones, ...own]), [batch, ...shape]);
  },
};

/**
 * Repeats x along its axes of length 1, and along new leading axes, until it has `shape`.
 * @param x any dtype and shape
 * @param shape as long as that of x or longer
 * @returns of that shape and the dtype of x
 * @throws ShapeError where a length of x is neither 1 nor that of the shape
 */
export const broadcastTo = withOp((x: Tensor, shape: Shape): Tensor => {
  checkTensor("broadcastTo", x);
  checkShape("broadcastTo", shape);
  const lead = shape.length - x.rank;
  if (lead < 0 || x.shape.some((n, axis) => n !== 1 && n !== shape[lead + axis])) {
    throw new ShapeError(`broadcastTo: ${show(x.shape)} does not stretch to ${show(shape)}`);
  }
  return sameShape(shape, x.shape)
    ? unchanged(x)
    : apply(broadcastToOp, [x], { shape: [...shape] });
}, broadcastToOp);

/** A value for every element of a shape; both are known to be right. */
export const everywhere = (value: number, shape: Shape, dtype?: Dtype): Tensor =>
  broadcastTo(scalar(value, dtype), shape);

const sumOp: ReduceOp = {
  name: "sum",
  ...reduction("numbers"),
  derivative: {
    kind: "linear",
    transpose: (g, [x], { axes }) => [broadcastTo(keepAxes(g, x.shape, axes), x.shape)],
  },
  cpu: ([x], [spec], attrs, out, { foldReal }) => foldReal(x, spec, attrs, out, 0, (s, v) => s + v),
  complex: ([{ re, im }], specs, attrs, out, R) => ({
    re: sumOp.cpu([re], specs, attrs, out, R),
    im: im && (sumOp.cpu([im], specs, attrs, out, R) as Float64Array),
  }),
  fold: simpleFold(
    () => 0,
    (a, b) => infix(a, "+", b),
  ),
};

/** A reduced tensor with its reduced axes put back, with length 1. */
export const keepAxes = (y: Tensor, shape: Shape, axes: readonly number[]): Tensor =>
  reshape(y, reducedShape(shape, { axes, keepDims: true }));

/**
 * Σ x along some axes; along all where none are given.
 * @param x float32, int32 or uint32
 * @param axes one axis, or several; all by default; negative ones count from the back
 * @param options whether the axes are kept
 * @returns of the dtype of x, without these axes
 * @throws DtypeError where x is bool
 * @throws ShapeError where there is no such axis
 */
export const sum = withOp(
  (x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor =>
    apply(sumOp, [x], reduceAttrs("sum", x, axes, options)),
  sumOp,
);

/** Sums away what broadcasting from `shape` to the shape of x repeated. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x.value;
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((n, axis) =>
    axis < lead || (shape[axis - lead] === 1 && n !== 1) ? [axis] : [],
  );
  return reshape(axes.length > 0 ? sum(x, axes) : x, shape);
}

/**
 * x repeated `repeats[axis]` times along each axis.
 * @param x any dtype and shape
 * @param repeats a number for each axis; the shorter of `repeats` and the shape gets ones in front
 * @returns of the shape of x times `repeats`
 * @throws ShapeError where a number of repeats is none
 */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  checkTensor("tile", x);
  checkShape("tile", repeats);
  const rank = Math.max(x.rank, repeats.length);
  const shape = [...new Array<number>(rank - x.rank).fill(1), ...x.shape];
  const times = [...new Array<number>(rank - repeats.length).fill(1), ...repeats];
  return times.reduce(
    (y, count, axis) => {
      if (count === 1) return y;
      // As the middle one of three axes, so that the rank never grows beyond what there can be.
      const outer = sizeOf(y.shape.slice(0, axis));
      const inner = sizeOf(y.shape.slice(axis));
      const repeated = broadcastTo(reshape(y, [outer, 1, inner]), [outer, count, inner]);
      return reshape(
        repeated,
        y.shape.map((n, a) => (a === axis ? n * count : n)),
      );
    },
    reshape(x, shape),
  );
}
