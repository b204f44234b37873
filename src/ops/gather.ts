import { hostArray } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { sameShape, show, sizeOf, type Shape } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { CompositeOp, MovementOp, Spec } from "../graph/op.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { axisOf } from "./axes.ts";
import { broadcastTo } from "./broadcast.ts";
import { iota } from "./iota.ts";
import { checkIndices, checkRange, clipIndex } from "./index-range.ts";
import { reshape, transpose } from "./movement.ts";
import { distinctKernel, scatterKernel } from "./scatter-kernel.ts";
import { addUp, clamp, compared, scatterOf, summands } from "./scattering.ts";
import { pad } from "./slice.ts";

// Indices outside of the axis are clamped to it, on every backend, so that nothing out of bounds is ever touched;
// those that the host knows are checked instead.

interface AxisAttrs {
  axis: number;
}

/** The shape of the slices of x at indices along an axis. */
function gatheredShape(op: string, { shape }: Spec, indices: Spec, axis: number): Shape {
  checkIndices(op, indices);
  if (shape[axis] === 0 && sizeOf(indices.shape) > 0) {
    throw new ShapeError(`${op}: axis ${axis} of ${show(shape)} is empty`);
  }
  return [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
}

const gatherOp: MovementOp<AxisAttrs> = {
  kind: "movement",
  name: "gather",
  infer([x, indices], { axis }) {
    return { shape: gatheredShape("gather", x, indices, axis), dtype: x.dtype };
  },
  derivative: {
    kind: "linear",
    transpose: (g, [x, indices], { axis }) => [
      scatter(g, indices, axis, x.shape[axis], indices.rank),
      null,
    ],
  },
  cpu([x, indices], [{ shape }], { axis }, out) {
    const y = hostArray(out.dtype, sizeOf(out.shape));
    const inner = sizeOf(shape.slice(axis + 1));
    for (let i = 0, at = 0; at < y.length; i++) {
      const outer = Math.floor(i / indices.length) * shape[axis];
      const start = (outer + clamp(indices[i % indices.length], shape[axis])) * inner;
      for (let j = 0; j < inner; j++) y[at++] = x[start + j];
    }
    return y;
  },
  source(coords, [x, indices], { axis }, element) {
    const rank = indices.shape.length;
    const place = element(1, coords.slice(axis, axis + rank), x.shape[axis]);
    return [
      {
        input: 0,
        coords: [...coords.slice(0, axis), place, ...coords.slice(axis + rank)],
        bounds: [],
      },
    ];
  },
  batch([x, indices], [mapped, mappedIndices], { axis }) {
    if (!mappedIndices) return gather(x, indices, axis + 1);
    if (!mapped)
      return transpose(gather(x, indices, axis), forward(x.rank + indices.rank - 1, axis));
    const [batch, ...own] = indices.shape;
    const shape = [batch, ...x.shape.slice(1, axis + 1), ...own, ...x.shape.slice(axis + 2)];
    const flat = [batch, ...x.shape.slice(1, axis + 1), sizeOf(own), ...x.shape.slice(axis + 2)];
    const ones = x.shape.map((n, a) => (a === 0 ? n : a === axis + 1 ? sizeOf(own) : 1));
    const all = broadcastTo(reshape(indices, ones), flat);
    return reshape(takeAlongAxis(x, all, axis + 1), shape);
  },
};

/** The order of axes that brings one to the front. */
const forward = (rank: number, axis: number) => [
  axis,
  ...Array.from({ length: rank }, (_, a) => a).filter((a) => a !== axis),
];

/**
 * The slices of x at `indices` along an axis, as NumPy's take: the indices' shape takes the place of the axis.
 * @param x any dtype and shape
 * @param indices int32 or uint32, of any shape
 * @param axis 0 by default; negative ones count from the back
 * @returns [...before, ...the indices' shape, ...behind], where before and behind are the axes around `axis`
 * @throws DtypeError where the indices are no integers
 * @throws ShapeError where there is no such axis, or it is empty
 * @throws ValueError where an index that the host knows is out of range
 */
export const gather = withOp((x: Tensor, indices: Tensor, axis = 0): Tensor => {
  const attrs = { axis: axisOf("gather", x, axis) };
  const y = apply(gatherOp, [x, indices], attrs);
  checkRange("gather", indices, x.shape[attrs.axis]);
  return y;
}, gatherOp);

interface ScatterAttrs extends AxisAttrs {
  /** Length of the axis of the result. */
  length: number;
  /** How many axes of the updates, from `axis` on, belong to the indices. */
  rank: number;
}

/** Adds the slices of `updates` into zeros, each at its index along an axis: the adjoint of gather. */
const scatterAddOp: CompositeOp<ScatterAttrs> = {
  kind: "composite",
  name: "scatterAdd",
  infer([updates, indices], { axis, length, rank }) {
    checkIndices("scatterAdd", indices);
    const { shape, dtype } = updates;
    return { shape: [...shape.slice(0, axis), length, ...shape.slice(axis + rank)], dtype };
  },
  derivative: {
    kind: "linear",
    transpose: (g, [, indices], { axis }) => [gather(g, indices, axis), null],
  },
  kernel: ([updates, indices], { axis, length, rank }, _, target) =>
    scatterKernel(updates, indices, scatterOf(updates, axis, axis + rank, length), target),
  decompose([updates, indices], { axis, length, rank }) {
    const own = scatterOf(updates, axis, axis + rank, length);
    const y = compared(updates, reshape(indices, [indices.size, 1]), own);
    return reshape(y, [
      ...updates.shape.slice(0, axis),
      length,
      ...updates.shape.slice(axis + rank),
    ]);
  },
  cpu: ([updates, indices], [spec], { axis, length, rank }) =>
    addUp(updates, indices, spec.dtype, scatterOf(spec, axis, axis + rank, length)),
  complex: ([updates, indices], [spec], { axis, length, rank }, _, R) => {
    const own = scatterOf(spec, axis, axis + rank, length);
    return R.bilinear((u, i) => addUp(u, i, spec.dtype, own), updates, indices);
  },
  batch([updates, indices], [mapped, mappedIndices], { axis, length, rank }) {
    if (!mappedIndices) return scatter(updates, indices, axis + 1, length, rank);
    const [batch, ...own] = indices.shape;
    const all = mapped ? updates : broadcastTo(updates, [batch, ...updates.shape]);
    // One list of indices for all, in which each has targets of its own, on an axis in front.
    const places = add(clipIndex(indices, length), mul(iota([batch, ...own.map(() => 1)]), length));
    const before = all.shape.slice(1, axis + 1);
    const behind = all.shape.slice(axis + 1 + rank);
    const front = (x: Tensor) =>
      moveAxis(reshape(x, [batch, sizeOf(before), sizeOf(own), sizeOf(behind)]));
    const y = scatter(
      reshape(front(all), [batch * sizeOf(own), sizeOf(before), sizeOf(behind)]),
      reshape(places, [batch * sizeOf(own)]),
      0,
      batch * length,
      1,
    );
    return reshape(moveAxis(reshape(y, [batch, length, sizeOf(before), sizeOf(behind)])), [
      batch,
      ...before,
      length,
      ...behind,
    ]);
  },
};

/** Exchanges axes 1 and 2. */
const moveAxis = (x: Tensor) => transpose(x, [0, 2, 1, 3]);

const scatter = (updates: Tensor, indices: Tensor, axis: number, length: number, rank: number) =>
  apply(scatterAddOp, [updates, indices], { axis, length, rank });

/**
 * x with the slices of `updates` added at `indices` along an axis, where they are gather(x, indices, axis)'s; several at
 * one index are all added, in their order.
 * @param x numbers, of any shape
 * @param indices int32 or uint32, of any shape
 * @param updates of the shape of `gather(x, indices, axis)`
 * @param axis 0 by default; negative ones count from the back
 * @returns of the shape and dtype of x
 * @throws DtypeError where the indices are no integers, or x and the updates do not mix
 * @throws ShapeError where the updates have another shape, or there is no such axis
 * @throws ValueError where an index that the host knows is out of range
 */
export const scatterAdd = withOp(
  (x: Tensor, indices: Tensor, updates: Tensor, axis = 0): Tensor => {
    const attrs = { axis: axisOf("scatterAdd", x, axis) };
    checkTensor("scatterAdd", indices);
    const shape = gatheredShape("scatterAdd", x, indices, attrs.axis);
    const [own, added] = summands("scatterAdd", x, updates, shape);
    const length = x.shape[attrs.axis];
    const y = add(own, scatter(added, indices, attrs.axis, length, indices.rank));
    checkRange("scatterAdd", indices, length);
    return y;
  },
  scatterAddOp,
);

/** Throws where indices are not those of elements of x along an axis. */
function checkIndicesAlong(op: string, { shape }: Spec, indices: Spec, axis: number): void {
  checkIndices(op, indices);
  const fits = (n: number, a: number) => (a === axis ? shape[a] > 0 || n === 0 : n <= shape[a]);
  if (indices.shape.length !== shape.length || !indices.shape.every(fits)) {
    throw new ShapeError(
      `${op}: indices of shape ${show(indices.shape)} do not fit into ${show(shape)} outside of axis ${axis}`,
    );
  }
}

interface AlongAttrs extends AxisAttrs {
  /** No element is taken twice. */
  distinct?: true;
}

const takeAlongAxisOp: MovementOp<AlongAttrs> = {
  kind: "movement",
  name: "takeAlongAxis",
  infer([x, indices], { axis }) {
    checkIndicesAlong("takeAlongAxis", x, indices, axis);
    return { shape: indices.shape, dtype: x.dtype };
  },
  derivative: {
    kind: "linear",
    transpose: (g, [x, indices], attrs) => [scatterAlongAxis(g, indices, attrs, x.shape), null],
  },
  cpu([x, indices], [{ shape }, spec], { axis }, out) {
    const y = hostArray(out.dtype, sizeOf(out.shape));
    forEachPlace(spec.shape, shape, axis, indices, (i, at) => (y[i] = x[at]));
    return y;
  },
  source: (coords, [x], { axis }, element) => [
    {
      input: 0,
      coords: coords.map((c, a) => (a === axis ? element(1, coords, x.shape[axis]) : c)),
      bounds: [],
    },
  ],
  axial: true,
};

/** Calls `visit(i, at)` with the place `at` in a tensor of shape `full` that index i of `indices` points to. */
function forEachPlace(
  shape: Shape,
  full: Shape,
  axis: number,
  indices: ArrayLike<number>,
  visit: (i: number, at: number) => void,
): void {
  for (let i = 0; i < indices.length; i++) {
    let at = 0;
    for (let a = shape.length - 1, rest = i, stride = 1; a >= 0; a--) {
      const c = a === axis ? clamp(indices[i], full[a]) : rest % shape[a];
      at += c * stride;
      rest = Math.floor(rest / shape[a]);
      stride *= full[a];
    }
    visit(i, at);
  }
}

/**
 * The elements of x at `indices` along an axis, as torch's gather: y[i][j] = x[indices[i][j]][j] for axis 0.
 * @param x any dtype
 * @param indices int32 or uint32, of the rank of x; other axes are at most as long as those of x
 * @param axis negative ones count from the back
 * @returns of the shape of the indices and the dtype of x
 * @throws DtypeError where the indices are no integers
 * @throws ShapeError where the shapes do not fit, or there is no such axis
 * @throws ValueError where an index that the host knows is out of range
 */
export const takeAlongAxis = withOp((x: Tensor, indices: Tensor, axis: number): Tensor => {
  const attrs = { axis: axisOf("takeAlongAxis", x, axis) };
  const y = apply(takeAlongAxisOp, [x, indices], attrs);
  checkRange("takeAlongAxis", indices, x.shape[attrs.axis]);
  return y;
}, takeAlongAxisOp);

/** The same where the indices are known to be distinct along the axis, as those of a sort are: its adjoint adds nothing up. */
export const takeDistinct = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  apply(takeAlongAxisOp, [x, indices], { axis, distinct: true } satisfies AlongAttrs);

/** Adds each of `updates` into zeros, at its index along an axis: the adjoint of takeAlongAxis. */
const scatterAddAlongAxisOp: CompositeOp<AlongAttrs & { length: number }> = {
  kind: "composite",
  name: "scatterAddAlongAxis",
  infer([{ shape, dtype }, indices], { axis, length }) {
    checkIndices("scatterAddAlongAxis", indices);
    return { shape: shape.with(axis, length), dtype };
  },
  derivative: {
    kind: "linear",
    transpose: (g, [, indices], { axis, distinct }) => [
      distinct ? takeDistinct(g, indices, axis) : takeAlongAxis(g, indices, axis),
      null,
    ],
  },
  kernel([updates, indices], { axis, length, distinct }, _, target) {
    const own = scatterOf(updates, axis, axis + 1, length);
    return distinct ? distinctKernel(own) : scatterKernel(updates, indices, own, target);
  },
  decompose([updates, indices], { axis, length }) {
    const own = scatterOf(updates, axis, axis + 1, length);
    const y = compared(updates, reshape(indices, [own.outer, 1, own.count, own.inner]), own);
    return reshape(y, updates.shape.with(axis, length));
  },
  cpu: ([updates, indices], [spec], { axis, length }) =>
    addUp(updates, indices, spec.dtype, scatterOf(spec, axis, axis + 1, length)),
  complex: ([updates, indices], [spec], { axis, length }, _, R) => {
    const own = scatterOf(spec, axis, axis + 1, length);
    return R.bilinear((u, i) => addUp(u, i, spec.dtype, own), updates, indices);
  },
  axial: true,
};

/** The same into zeros of a shape that may be larger along other axes too. */
function scatterAlongAxis(
  updates: Tensor,
  indices: Tensor,
  attrs: AlongAttrs,
  shape: Shape,
): Tensor {
  const own = { ...attrs, length: shape[attrs.axis] };
  const y = apply(scatterAddAlongAxisOp, [updates, indices], own);
  const missing = shape.map((n, a): [number, number] => [0, n - y.shape[a]]);
  return sameShape(y.shape, shape) ? y : pad(y, missing);
}

/**
 * x with each of `updates` added at its index along an axis, as torch's scatter_add: y[indices[i][j]][j] += updates[i][j]
 * for axis 0, in the order of the updates.
 * @param x numbers, of any shape
 * @param indices int32 or uint32, of the rank of x; other axes are at most as long as those of x
 * @param updates of the shape of the indices
 * @param axis negative ones count from the back
 * @returns of the shape and dtype of x
 * @throws DtypeError where the indices are no integers, or x and the updates do not mix
 * @throws ShapeError where the shapes do not fit, or there is no such axis
 * @throws ValueError where an index that the host knows is out of range
 */
export const scatterAddAlongAxis = withOp(
  (x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor => {
    const attrs = { axis: axisOf("scatterAddAlongAxis", x, axis) };
    checkTensor("scatterAddAlongAxis", indices);
    checkIndicesAlong("scatterAddAlongAxis", x, indices, attrs.axis);
    const [own, added] = summands("scatterAddAlongAxis", x, updates, indices.shape);
    const y = add(own, scatterAlongAxis(added, indices, attrs, x.shape));
    checkRange("scatterAddAlongAxis", indices, x.shape[attrs.axis]);
    return y;
  },
  scatterAddAlongAxisOp,
);
