import { checkNumber } from "../base/check-number.ts";
import { hostArray, isFloat, rowOf } from "../base/dtype.ts";
import { DtypeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { show, sizeOf, type Shape } from "../base/shape.ts";
import { apply, applyAll, constantOf, scalar, withOp } from "../graph/build.ts";
import type { Attrs, MapOp, Reference, SeveralOp, Spec } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { axisOf } from "./axes.ts";
import { broadcastTo } from "./broadcast.ts";
import { cast } from "./cast.ts";
import {
  equal,
  greater,
  greaterEqual,
  isNaN,
  less,
  logicalAnd,
  logicalOr,
  where,
} from "./compare.ts";
import { elementwise } from "./elementwise.ts";
import { gather, takeAlongAxis } from "./gather.ts";
import { iota } from "./iota.ts";
import { flip, reshape } from "./movement.ts";
import { pad, slice } from "./slice.ts";

// Sorting is stable: equal elements, −0 and 0 among them, keep their order, in descending order too. NaN comes last.

interface SortAttrs {
  axis: number;
  /** How many are taken, from the first on. */
  k: number;
  descending: boolean;
}

/** The first k in order along an axis, and where they come from: values and indices. */
const ordering = (name: string): SeveralOp<SortAttrs> => ({
  kind: "composite",
  several: true,
  name,
  infer([{ shape, dtype }], { axis, k }) {
    const taken = shape.map((n, a) => (a === axis ? k : n));
    return [
      { shape: taken, dtype },
      { shape: taken, dtype: "int32" },
    ];
  },
  derivative: {
    kind: "differential",
    differential: ([dx], _, [, indices], { axis }) => [takeAlongAxis(dx!, indices, axis), null],
  },
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

/** Keys, and numbers that are all different and decide between equal keys: [outer, length, inner]. */
interface Keys {
  key: Tensor;
  tie: Tensor;
}

/**
 * Where the first k elements along an axis come from, by a bitonic network (Batcher 1968): blocks of K elements, the
 * power of 2 from k on, are sorted; then of each two neighbours the first K elements are kept and sorted, until one is
 * left. All stages of a length are the same, so they share a kernel.
 */
function sortedIndices(x: Tensor, { axis, k, descending }: SortAttrs): Tensor {
  const taken = x.shape.with(axis, k);
  if (sizeOf(taken) === 0) return broadcastTo(scalar(0, "int32"), taken);
  const [outer, length, inner] = [
    sizeOf(x.shape.slice(0, axis)),
    x.shape[axis],
    sizeOf(x.shape.slice(axis + 1)),
  ];
  const block = powerOf2(k);
  const padded = Math.max(block, powerOf2(length));
  const before = earlier(descending);
  let keys = keysOf(reshape(x, [outer, length, inner]), padded, descending);
  for (let sorted = 1; sorted < block; sorted *= 2) {
    // Two sorted blocks, the second one from behind, are bitonic.
    keys = exchange(keys, 2 * sorted - 1, before);
    keys = merge(keys, sorted, before);
  }
  for (let left = padded; left > block; left /= 2) {
    keys = merge(firstOfTwo(keys, block, before), block, before);
  }
  const tie = slice(reshape(keys.tie, [outer, block, inner]), [0, 0, 0], [outer, k, inner]);
  return reshape(where(greaterEqual(tie, padded), sub(tie, padded), tie), taken);
}

const powerOf2 = (n: number) => 2 ** Math.ceil(Math.log2(n));

type Before = (a: Keys, b: Keys) => Tensor;

/** Whether a comes before b. */
function earlier(descending: boolean): Before {
  const comes = descending ? greater : less;
  return (a, b) =>
    logicalOr(comes(a.key, b.key), logicalAnd(equal(a.key, b.key), less(a.tie, b.tie)));
}

/**
 * The keys of [outer, n, inner], filled up to a length. NaN and what is filled in have the key that comes last, and
 * numbers after all others: i for element i, i + `padded` for NaN, i + 2 `padded` for what is filled in.
 */
function keysOf(x: Tensor, padded: number, descending: boolean): Keys {
  const { lowest, highest } = rowOf(x.dtype);
  const last = descending ? lowest : highest;
  const widths = [
    [0, 0],
    [0, padded - x.shape[1]],
    [0, 0],
  ];
  const nan = isNaN(x);
  const isLate = pad(cast(nan, "int32"), widths, 2);
  return {
    key: pad(isFloat(x.dtype) ? where(nan, last, x) : x, widths, last),
    tie: add(mul(isLate, padded), iota([padded, 1])),
  };
}

/** a ⊕ b, bit by bit, of integers. */
const bitwiseXor = elementwise<[number, number], Attrs>({
  name: "bitwiseXor",
  takes: "number",
  real: (a, b) => a ^ b,
  wgsl: ([a, b]) => `${a} ^ ${b}`,
});

/**
 * Compares each element with that at i ⊕ mask, and puts the earlier of the two in front. The mask is read from memory,
 * so that all stages share a kernel: it is there twice, since a single number would be written into the shader.
 */
function exchange({ key, tie }: Keys, mask: number, before: Before): Keys {
  const length = key.shape[1];
  const masks = constantOf(Int32Array.of(mask, mask), { shape: [2], dtype: "int32" });
  const partner = apply(bitwiseXor, [iota([length]), slice(masks, [0], [1])], {});
  const other = { key: gather(key, partner, 1), tie: gather(tie, partner, 1) };
  const inFront = less(iota([length, 1]), reshape(partner, [length, 1]));
  return chosen(equal(before({ key, tie }, other), inFront), { key, tie }, other);
}

/** Sorts blocks of a length that are bitonic. */
function merge(keys: Keys, length: number, before: Before): Keys {
  let merged = keys;
  for (let apart = length / 2; apart >= 1; apart /= 2) merged = exchange(merged, apart, before);
  return merged;
}

/** Of each two sorted blocks of a length the first elements of both, as many as one has: they are bitonic. */
function firstOfTwo(keys: Keys, length: number, before: Before): Keys {
  const [outer, n, inner] = keys.key.shape;
  const blocks = shaped(keys, [outer * (n / length / 2), 2, length, inner]);
  const half = (x: Tensor, i: number) => slice(x, [0, i], [x.shape[0], i + 1]);
  const a = { key: half(blocks.key, 0), tie: half(blocks.tie, 0) };
  const b = { key: flip(half(blocks.key, 1), 2), tie: flip(half(blocks.tie, 1), 2) };
  return shaped(chosen(before(a, b), a, b), [outer, n / 2, inner]);
}

const shaped = ({ key, tie }: Keys, shape: Shape): Keys => ({
  key: reshape(key, shape),
  tie: reshape(tie, shape),
});

/** `where`, but worth storing: each stage reads all that the one before made, and twice. */
const chooseOp: MapOp = {
  ...where.op,
  name: "choose",
  expensive: true,
  derivative: { kind: "none" },
};

const chosen = (first: Tensor, a: Keys, b: Keys): Keys => ({
  key: apply(chooseOp, [first, a.key, b.key], {}),
  tie: apply(chooseOp, [first, a.tie, b.tie], {}),
});

const sortOp = ordering("sort");
const topKOp = ordering("topK");

function checkOrdered(op: string, x: Tensor): void {
  if (x.dtype === "bool") {
    throw new DtypeError(`${op}: takes numbers, got bool; cast it, as in x.cast("int32")`);
  }
}

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
 */
export const sort = withOp(
  (x: Tensor, axis = -1, options: SortOptions = {}): Tensor => sorted("sort", x, axis, options)[0],
  sortOp,
);

/** Where the elements of `sort(x, axis, options)` come from: places along the axis, int32, of x's shape. */
export const argSort = (x: Tensor, axis = -1, options: SortOptions = {}): Tensor =>
  sorted("argSort", x, axis, options)[1];

export interface TopKOptions {
  axis?: number;
  /** The largest, in descending order; else the smallest, in ascending order. */
  largest?: boolean;
}

/**
 * The k largest elements of x along an axis, or the smallest, in order, and their places along the axis, int32: both of
 * x's shape, but for the axis, which has length k. Of equal ones the first are taken, and NaN only where numbers are too
 * few. Gradients go back to where the elements come from.
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
