import { checkNumber } from "../base/check-number.ts";
import { hostArray } from "../base/dtype.ts";
import { DtypeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { show, sizeOf } from "../base/shape.ts";
import { applyAll, withOp } from "../graph/build.ts";
import type { Reference, SeveralOp, Spec } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { axisOf } from "./axes.ts";
import { sum } from "./broadcast.ts";
import { cast } from "./cast.ts";
import {
  equal,
  greater,
  isNaN,
  less,
  logicalAnd,
  logicalNot,
  logicalOr,
  where,
} from "./compare.ts";
import { takeAlongAxis, takeDistinct } from "./gather.ts";
import { iota } from "./iota.ts";
import { reshape } from "./movement.ts";
import { sortKernel, type SortAttrs } from "./sort-kernel.ts";

// Sorting is stable: equal elements, −0 and 0 among them, keep their order, in descending order too. NaN comes last.

/** The first k in order along an axis, and where they come from: values and indices. */
const ordering = (name: string): SeveralOp<SortAttrs> => ({
  kind: "composite",
  several: true,
  name,
  axial: true,
  infer([{ shape, dtype }], { axis, k }) {
    const taken = shape.map((n, a) => (a === axis ? k : n));
    return [
      { shape: taken, dtype },
      { shape: taken, dtype: "int32" },
    ];
  },
  derivative: {
    kind: "differential",
    differential: ([dx], _, [, indices], { axis }) => [takeDistinct(dx!, indices, axis), null],
  },
  kernel: ([x], attrs, _, target) =>
    x.shape[attrs.axis] > 1 ? sortKernel(x, attrs, target) : null,
  decompose([x], attrs) {
    const indices = sortedIndices(x, attrs);
    return [takeAlongAxis(x, indices, attrs.axis), indices];
  },
  cpu([x], [spec], attrs, [values, indices], R) {
    const y = hostArray(values.dtype, sizeOf(values.shape));
    const places = hostArray(indices.dtype, y.length);
    forEachTaken(x, spec, attrs, R, (at, from, index) => {
      y[at] = x[from];
      places[at] = index;
    });
    return [y, places];
  },
  complex([{ re, im }], [spec], attrs, [values, indices], R) {
    const [y, places] = [values, indices].map((out) => hostArray(out.dtype, sizeOf(out.shape)));
    const imaginary = new Float64Array(y.length);
    forEachTaken(re, spec, attrs, R, (at, from, index) => {
      y[at] = re[from];
      imaginary[at] = im ? im[from] : 0;
      places[at] = index;
    });
    return [
      { re: y, im: imaginary },
      { re: places, im: null },
    ];
  },
});

/** Calls `visit(at, from, index)` for each result: its place, that of its element, and that along the axis. */
function forEachTaken(
  x: ArrayLike<number>,
  { shape }: Spec,
  { axis, k, descending }: SortAttrs,
  { rowsAlong }: Reference,
  visit: (at: number, from: number, index: number) => void,
): void {
  const sign = descending ? -1 : 1;
  const compare = (a: number, b: number) =>
    Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || sign * (Number(a > b) - Number(a < b));
  const targets = rowsAlong(shape.with(axis, k), [axis]);
  for (const [row, places] of rowsAlong(shape, [axis]).entries()) {
    const order = places.map((_, i) => i).sort((i, j) => compare(x[places[i]], x[places[j]]));
    targets[row].forEach((at, i) => visit(at, places[order[i]], order[i]));
  }
}

/**
 * Where the first k elements along an axis come from, by comparing all with all: an element's rank is the number of
 * elements that come before it.
 */
function sortedIndices(x: Tensor, { axis, k, descending }: SortAttrs): Tensor {
  const length = x.shape[axis];
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const other = reshape(x, [outer, 1, length, inner]);
  const own = reshape(x, [outer, length, 1, inner]);
  const comes = descending ? greater(other, own) : less(other, own);
  const isEarlier = less(iota([length, 1]), iota([length, 1, 1]));
  // Comparisons with NaN are false.
  const isAlike = logicalOr(equal(other, own), logicalAnd(isNaN(other), isNaN(own)));
  const isLate = logicalAnd(isNaN(own), logicalNot(isNaN(other)));
  const before = logicalOr(logicalOr(comes, isLate), logicalAnd(isAlike, isEarlier));
  const rank = sum(cast(before, "int32"), 2);
  const isTaken = equal(reshape(rank, [outer, 1, length, inner]), iota([k, 1, 1]));
  const indices = sum(where(isTaken, iota([length, 1]), 0), 2);
  return reshape(indices, x.shape.with(axis, k));
}

const sortOp = ordering("sort");
const topKOp = ordering("topK");

function checkOrdered(op: string, x: Tensor): void {
  if (x.dtype === "bool") {
    throw new DtypeError(`${op}: takes numbers, got bool; cast it, as in x.cast("int32")`);
  }
}

/** How `sort` and `argSort` order. */
export interface SortOptions {
  /** The largest first. */
  descending?: boolean;
}

/** All elements along an axis in order, and where they come from. */
function sorted(op: string, x: Tensor, along: number, options: SortOptions): readonly Tensor[] {
  checkOptions(op, options, ["descending"]);
  const { descending = false } = options;
  const axis = axisOf(op, x, along);
  checkOrdered(op, x);
  return applyAll(sortOp, [x], { axis, k: x.shape[axis], descending } satisfies SortAttrs);
}

/**
 * The elements of x in order along an axis, the smallest first; of x's shape. The order is stable, −0 equals 0, and NaN
 * comes last, in descending order too. Gradients go back to where the elements come from.
 * @param x float32, int32 or uint32, of any shape
 * @param axis the last by default
 * @param options the order
 * @returns of the shape and dtype of x
 * @throws DtypeError where x is bool
 * @throws ShapeError where there is no such axis
 */
export const sort = withOp(
  (x: Tensor, axis = -1, options: SortOptions = {}): Tensor => sorted("sort", x, axis, options)[0],
  sortOp,
);

/**
 * Where the elements of `sort(x, axis, options)` come from: places along the axis, int32, of x's shape.
 * @param x float32, int32 or uint32, of any shape
 * @param axis the last by default
 * @param options the order
 * @returns int32, of the shape of x
 * @throws DtypeError where x is bool
 * @throws ShapeError where there is no such axis
 */
export const argSort = (x: Tensor, axis = -1, options: SortOptions = {}): Tensor =>
  sorted("argSort", x, axis, options)[1];

/** Which elements `topK` takes. */
export interface TopKOptions {
  /** The last by default. */
  axis?: number;
  /** The largest, in descending order; else the smallest, in ascending order. */
  largest?: boolean;
}

/**
 * The k largest elements of x along an axis, or the smallest, in order, and their places along the axis, int32: both of
 * x's shape, but for the axis, which has length k. Of equal ones the first are taken, and NaN only where numbers are too
 * few. Gradients go back to where the elements come from.
 * @param x float32, int32 or uint32, of any shape
 * @param k how many, at most the length of the axis
 * @param options the axis and the order
 * @returns the elements, and their places along the axis, int32; both of the shape of x with k along the axis
 * @throws DtypeError where x is bool
 * @throws ShapeError where there is no such axis
 * @throws ValueError where the axis has no k elements
 */
export const topK = withOp(
  (x: Tensor, k: number, options: TopKOptions = {}): [values: Tensor, indices: Tensor] => {
    checkOptions("topK", options, ["axis", "largest"]);
    const { axis: along = -1, largest = true } = options;
    const axis = axisOf("topK", x, along);
    checkOrdered("topK", x);
    const length = x.shape[axis];
    checkNumber(
      "topK: k",
      k,
      `a whole number from 0 to ${length}, the length of axis ${axis} of ${show(x.shape)}`,
      (n) => Number.isInteger(n) && n >= 0 && n <= length,
    );
    const attrs: SortAttrs = { axis, k, descending: largest };
    const [values, indices] = applyAll(topKOp, [x], attrs);
    return [values, indices];
  },
  topKOp,
);
