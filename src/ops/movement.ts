import { ShapeError } from "../base/errors.ts";
import * as I from "../base/index-expr.ts";
import {
  checkShape,
  checkList,
  filledShape,
  normalizeAxis,
  sameShape,
  show,
  stridesOf,
  type Shape,
} from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import { unchanged } from "../graph/identity.ts";
import type { MovementOp, Piece } from "../graph/op.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import { axesOf, type Axes } from "./axes.ts";

/** The one source of an element that is always there. */
export const only = (coords: readonly I.Index[]): Piece[] => [{ input: 0, coords, bounds: [] }];

const reshapeOp: MovementOp<{ shape: Shape }> = {
  kind: "movement",
  name: "reshape",
  infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
  derivative: { kind: "linear", transpose: (g, [x]) => [reshape(g, x.shape)] },
  cpu: ([x]) => x,
  source: (coords, [x], { shape }) => only(I.unflatten(I.flatten(coords, shape), x.shape)),
  batch: ([x], _, { shape }) => reshape(x, [x.shape[0], ...shape]),
};

/**
 * The same elements in row-major order, in another shape; one length may be −1 and is then inferred.
 * @param x any dtype and shape
 * @param shape the lengths, at most one of them −1
 * @returns of that shape and the dtype of x
 * @throws ShapeError where the elements do not fill the shape
 */
export const reshape = withOp((x: Tensor, shape: Shape): Tensor => {
  checkTensor("reshape", x);
  const full = filledShape("reshape", shape, x.size);
  if (!full) {
    throw new ShapeError(
      `reshape: ${show(x.shape)} has ${x.size} elements, which do not fill ${show(shape)}`,
    );
  }
  return sameShape(full, x.shape) ? unchanged(x) : apply(reshapeOp, [x], { shape: full });
}, reshapeOp);

const transposeOp: MovementOp<{ permutation: readonly number[] }> = {
  kind: "movement",
  name: "transpose",
  infer: ([x], { permutation }) => ({ shape: permutation.map((p) => x.shape[p]), dtype: x.dtype }),
  derivative: {
    kind: "linear",
    transpose: (g, _, { permutation }) => [transpose(g, inverse(permutation))],
  },
  cpu([x], [{ shape }], { permutation }, out, { placesOf, take }) {
    const strides = stridesOf(shape);
    const permuted = permutation.map((p) => strides[p]);
    return take(x, placesOf(out.shape, permuted));
  },
  source: (coords, _, { permutation }) => only(inverse(permutation).map((p) => coords[p])),
  batch: ([x], _, { permutation }) => transpose(x, [0, ...permutation.map((p) => p + 1)]),
};

const inverse = (permutation: readonly number[]) =>
  permutation.map((_, i) => permutation.indexOf(i));

/**
 * Reorders the axes: axis i of the result is axis `order[i]` of x. Without one, reverses them.
 * @param x any dtype and shape
 * @param order all axes of x, each once; negative ones count from the back
 * @returns with axis i of the length of axis `order[i]` of x
 * @throws ShapeError where that is no order of the axes
 */
export const transpose = withOp((x: Tensor, order?: readonly number[]): Tensor => {
  checkTensor("transpose", x);
  const permutation = order ?? x.shape.map((_, i) => x.rank - 1 - i);
  checkList("transpose", "an order of axes is a list", permutation);
  const axes = permutation.map((axis) => normalizeAxis("transpose", axis, x.shape));
  if (axes.length !== x.rank || new Set(axes).size !== axes.length) {
    throw new ShapeError(
      `transpose: ${show(permutation)} is not an order of the ${x.rank} axes of ${show(x.shape)}`,
    );
  }
  if (axes.every((p, i) => p === i)) return unchanged(x);
  return apply(transposeOp, [x], { permutation: axes });
}, transposeOp);

const flipOp: MovementOp<{ axes: readonly number[] }> = {
  kind: "movement",
  name: "flip",
  infer: ([x]) => x,
  derivative: { kind: "linear", transpose: (g, _, { axes }) => [flip(g, axes)] },
  cpu([x], [{ shape }], { axes }, _, { placesOf, take }) {
    const strides = stridesOf(shape);
    const first = axes.reduce((s, axis) => s + (shape[axis] - 1) * strides[axis], 0);
    const signed = strides.map((s, axis) => (axes.includes(axis) ? -s : s));
    return take(x, placesOf(shape, signed, first));
  },
  source: (coords, [x], { axes }) =>
    only(
      coords.map((c, axis) => (axes.includes(axis) ? I.combine([[c, -1]], x.shape[axis] - 1) : c)),
    ),
  axial: true,
};

/**
 * Reverses the order along some axes; along all of them where none are given.
 * @param x any dtype and shape
 * @param axes one axis, or several; negative ones count from the back
 * @returns of the shape and dtype of x
 * @throws ShapeError where there is no such axis
 */
export const flip = withOp(
  (x: Tensor, axes?: Axes): Tensor => apply(flipOp, [x], { axes: axesOf("flip", x, axes) }),
  flipOp,
);

/**
 * A new axis of length 1 at `axis` of the result.
 * @param x any dtype and shape
 * @param axis the place of the new axis in the result; negative ones count from the back
 * @returns of one axis more
 * @throws ShapeError where the result has no such axis
 */
export function expandDims(x: Tensor, axis: number): Tensor {
  checkTensor("expandDims", x);
  const shape = [...x.shape];
  shape.splice(normalizeAxis("expandDims", axis, checkShape("expandDims", [...shape, 1])), 0, 1);
  return reshape(x, shape);
}

/**
 * Drops axes of length 1: those given, or all.
 * @param x any dtype and shape
 * @param axes one axis, or several; negative ones count from the back
 * @returns without these axes
 * @throws ShapeError where such an axis is longer than 1, or there is none
 */
export function squeeze(x: Tensor, axes?: Axes): Tensor {
  checkTensor("squeeze", x);
  const dropped =
    axes === undefined
      ? x.shape.flatMap((n, axis) => (n === 1 ? [axis] : []))
      : axesOf("squeeze", x, axes);
  const long = dropped.find((axis) => x.shape[axis] !== 1);
  if (long !== undefined) {
    throw new ShapeError(
      `squeeze: axis ${long} of ${show(x.shape)} has length ${x.shape[long]}, not 1`,
    );
  }
  return reshape(
    x,
    x.shape.filter((_, axis) => !dropped.includes(axis)),
  );
}
