import { hostArray } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { show, sizeOf, type Shape } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { CompositeOp, MovementOp } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { axisOf } from "./axes.ts";
import { broadcastTo, sum } from "./broadcast.ts";
import { equal, where } from "./compare.ts";
import { iota } from "./iota.ts";
import { reshape, transpose } from "./movement.ts";
import { checkIndices, checkRange, clipIndex } from "./index-range.ts";
import { pad } from "./slice.ts";

// Indices outside of the axis are clamped to it, on every backend, so that nothing out of bounds is ever touched;
// those that the host knows are checked instead.

interface AxisAttrs {
  axis: number;
}

const clamp = (i: number, size: number) => Math.min(Math.max(i, 0), size - 1);

const gatherOp: MovementOp<AxisAttrs> = {
  kind: "movement",
  name: "gather",
  infer([x, indices], { axis }) {
    checkIndices("gather", indices);
    if (x.shape[axis] === 0 && sizeOf(indices.shape) > 0) {
      throw new ShapeError(`gather: axis ${axis} of ${show(x.shape)} is empty`);
    }
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return { shape, dtype: x.dtype };
  },
  derivative: {
    kind: "linear",
    transpose: (g, [x, indices], { axis }) => [
      scatterAdd(g, indices, axis, x.shape[axis], indices.rank),
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

/** The slices of x at `indices` along an axis, as NumPy's take: the indices' shape takes the place of the axis. */
export const gather = withOp((x: Tensor, indices: Tensor, axis = 0): Tensor => {
  const attrs = { axis: axisOf("gather", x, axis) };
  const y = apply(gatherOp, [x, indices], attrs);
  checkRange("gather", indices, x.shape[attrs.axis]);
  return y;
}, gatherOp);

interface ScatterAttrs extends AxisAttrs {
  /** Length of the axis of the result. */
  length: number;
  /** How many axes of g, from `axis` on, belong to the indices. */
  rank: number;
}

const scatterAddOp: CompositeOp<ScatterAttrs> = {
  kind: "composite",
  name: "scatterAdd",
  infer([g, indices], { axis, length, rank }) {
    checkIndices("scatterAdd", indices);
    return {
      shape: [...g.shape.slice(0, axis), length, ...g.shape.slice(axis + rank)],
      dtype: g.dtype,
    };
  },
  derivative: {
    kind: "linear",
    transpose: (g, [, indices], { axis }) => [gather(g, indices, axis), null],
  },
  decompose([g, indices], { axis, length, rank }) {
    const y = scatter(g, reshape(indices, [indices.size, 1]), length, axis, axis + rank);
    return reshape(y, [...g.shape.slice(0, axis), length, ...g.shape.slice(axis + rank)]);
  },
  cpu([g, indices], [{ shape }], { axis, length, rank }, out) {
    const y = hostArray(out.dtype, sizeOf(out.shape));
    const inner = sizeOf(shape.slice(axis + rank));
    for (let i = 0, at = 0; at < g.length; i++) {
      const outer = Math.floor(i / indices.length) * length;
      const start = (outer + clamp(indices[i % indices.length], length)) * inner;
      for (let j = 0; j < inner; j++) y[start + j] += g[at++];
    }
    return y;
  },
};

/**
 * The axes of g from `from` up to but without `to`, as one, added into zeros along an axis of `length`, each element at
 * its index; all axes before and all behind are one each. yₖ = Σⱼ gⱼ [indexⱼ = k]: no two threads ever write to one place.
 */
function scatter(g: Tensor, indices: Tensor, length: number, from: number, to: number): Tensor {
  const [outer, count, inner] = [[0, from], [from, to], [to]].map((ends) =>
    sizeOf(g.shape.slice(...ends)),
  );
  const hit = equal(reshape(iota([length]), [length, 1, 1]), clipIndex(indices, length));
  return sum(where(hit, reshape(g, [outer, 1, count, inner]), 0), 2);
}

/** Adds the slices of g into zeros, each at its index along an axis: the adjoint of gather. */
function scatterAdd(
  g: Tensor,
  indices: Tensor,
  axis: number,
  length: number,
  rank: number,
): Tensor {
  return apply(scatterAddOp, [g, indices], { axis, length, rank });
}

const takeAlongAxisOp: MovementOp<AxisAttrs> = {
  kind: "movement",
  name: "takeAlongAxis",
  infer([x, indices], { axis }) {
    checkIndices("takeAlongAxis", indices);
    const fits = (n: number, a: number) =>
      a === axis ? x.shape[a] > 0 || n === 0 : n <= x.shape[a];
    if (indices.shape.length !== x.shape.length || !indices.shape.every(fits)) {
      throw new ShapeError(
        `takeAlongAxis: indices of shape ${show(indices.shape)} do not fit into ${show(x.shape)} outside of axis ${axis}`,
      );
    }
    return { shape: indices.shape, dtype: x.dtype };
  },
  derivative: {
    kind: "linear",
    transpose: (g, [x, indices], { axis }) => [scatterAlongAxis(g, indices, axis, x.shape), null],
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

/** The elements of x at `indices` along an axis, as torch's gather: y[i][j] = x[indices[i][j]][j] for axis 0. */
export const takeAlongAxis = withOp((x: Tensor, indices: Tensor, axis: number): Tensor => {
  const attrs = { axis: axisOf("takeAlongAxis", x, axis) };
  const y = apply(takeAlongAxisOp, [x, indices], attrs);
  checkRange("takeAlongAxis", indices, x.shape[attrs.axis]);
  return y;
}, takeAlongAxisOp);

const scatterAlongAxisOp: CompositeOp<AxisAttrs & { shape: Shape }> = {
  kind: "composite",
  name: "scatterAlongAxis",
  infer([g, indices], { shape }) {
    checkIndices("scatterAlongAxis", indices);
    return { shape, dtype: g.dtype };
  },
  derivative: {
    kind: "linear",
    transpose: (g, [, indices], { axis }) => [takeAlongAxis(g, indices, axis), null],
  },
  decompose([g, indices], { axis, shape }) {
    const length = shape[axis];
    const outer = sizeOf(g.shape.slice(0, axis));
    const places = reshape(indices, [outer, 1, g.shape[axis], sizeOf(g.shape.slice(axis + 1))]);
    const scattered = scatter(g, places, length, axis, axis + 1);
    const y = reshape(
      scattered,
      g.shape.map((n, a) => (a === axis ? length : n)),
    );
    return pad(
      y,
      shape.map((n, a) => [0, n - y.shape[a]]),
    );
  },
  cpu([g, indices], [, spec], { axis, shape }, out) {
    const y = hostArray(out.dtype, sizeOf(shape));
    forEachPlace(spec.shape, shape, axis, indices, (i, at) => (y[at] += g[i]));
    return y;
  },
};

function scatterAlongAxis(g: Tensor, indices: Tensor, axis: number, shape: Shape): Tensor {
  return apply(scatterAlongAxisOp, [g, indices], { axis, shape });
}
