import { isFloat, rowOf, type Dtype } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { show, sizeOf } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { Derivative, Fold, ReduceAttrs, ReduceOp } from "../graph/op.ts";
import { call, callAs, constant, infix, select } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, mul } from "./arithmetic.ts";
import type { Axes } from "./axes.ts";
import { inBlocks } from "./blocks.ts";
import { sum } from "./broadcast.ts";
import { equal, where } from "./compare.ts";
import { iota } from "./iota.ts";
import { reshape, transpose } from "./movement.ts";
import {
  reduceAttrs,
  reducedShape,
  reduction,
  simpleFold,
  type ReduceOptions,
} from "./reduction.ts";
import { pad, slice } from "./slice.ts";

/** A user's reduction over some axes, or over all where none are given, with its record. */
/* @__NO_SIDE_EFFECTS__ */
function reducer(op: ReduceOp) {
  return withOp(
    /**
     * @param x float32, int32 or uint32
     * @param axes one axis, or several; all by default; negative ones count from the back
     * @param options whether the axes are kept
     * @returns of the dtype of x, without these axes
     * @throws DtypeError where x is bool
     * @throws ShapeError where there is no such axis, or nothing along it to choose from
     */
    (x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor =>
      apply(op, [x], reduceAttrs(op.name, x, axes, options)),
    op,
  );
}

/** For reductions that mean nothing where there is nothing: a ShapeError on an empty row. */
/* @__NO_SIDE_EFFECTS__ */
function nonEmpty<R extends Pick<ReduceOp, "infer">>(rules: R): R {
  return {
    ...rules,
    infer(this: ReduceOp, inputs, attrs) {
      const [{ shape }] = inputs;
      const y = rules.infer.call(this, inputs, attrs);
      if (sizeOf(y.shape) > 0 && sizeOf(shape) === 0) {
        throw new ShapeError(
          `${this.name}: ${show(shape)} has no elements along axes ${show(attrs.axes)}, so there is none to choose`,
        );
      }
      return y;
    },
  };
}

const lowest = (dtype: Dtype) => rowOf(dtype).lowest;
const highest = (dtype: Dtype) => rowOf(dtype).highest;

// A NaN is more extreme than any number, so that it comes through.
const greaterThan = (value: number, best: number) =>
  value > best || (value !== value && best === best);
const lessThan = (value: number, best: number) =>
  value < best || (value !== value && best === best);

/** The places along some axes, in row-major order, that all others share. */
const placesAlong = ({ shape }: Tensor, axes: readonly number[]): Tensor =>
  iota(shape.map((n, axis) => (axes.includes(axis) ? n : 1)));

/** The fold of argMax and argMin: the best value and its place; of equals the first wins. */
const placeFold = (
  better: ">" | "<",
  identity: (dtype: Dtype) => number,
  best: () => typeof max,
): Pick<ReduceOp, "fold" | "split"> => ({
  fold: (dtype: Dtype): Fold => ({
    identity: [constant(identity(dtype), dtype), constant(highest("uint32"), "uint32")],
    lift: (value, at) => [value, at],
    combine([a, i], [b, j]) {
      const before = infix(j, "<", i);
      const preferred = infix(b, better, a);
      const equal = infix(b, "==", a);
      const numbers = infix(preferred, "|", infix(equal, "&", before));
      const [nan, other] = [call("isNan", a), call("isNan", b)];
      // A NaN before any number, of two the first.
      const chosen = isFloat(dtype)
        ? infix(numbers, "|", infix(other, "&", infix(call("!", nan), "|", before)))
        : numbers;
      return [select(a, b, chosen), select(i, j, chosen)];
    },
    finish: ([, place]) => callAs("int32", "convert", place),
  }),
  // Blocks follow each other in the order of places: that in the first block with the best of all.
  split(this: ReduceOp, x, attrs, count) {
    const { blocks, within, across, steps } = inBlocks(x, attrs.axes, count, identity(x.dtype));
    const bests = best()(blocks, within.axes);
    const first = apply(this, [bests], { ...across, keepDims: true });
    const isChosen = equal(placesAlong(bests, across.axes), first);
    const starts = across.axes
      .map((axis, i) => mul(placesAlong(bests, [axis]), steps[i]))
      .reduce((a, b) => add(a, b));
    const places = add(apply(this, [blocks], within), starts);
    return reshape(sum(where(isChosen, places, 0), across.axes), reducedShape(x.shape, attrs));
  },
});

const argMaxOp: ReduceOp = {
  name: "argMax",
  ...nonEmpty(reduction("numbers", "int32")),
  ...placeFold(">", lowest, () => max),
  derivative: { kind: "none" },
  cpu: ([x], [spec], attrs, out, { foldPlace }) => foldPlace(x, spec, attrs, out, greaterThan),
};

const argMinOp: ReduceOp = {
  name: "argMin",
  ...nonEmpty(reduction("numbers", "int32")),
  ...placeFold("<", highest, () => min),
  derivative: { kind: "none" },
  cpu: ([x], [spec], attrs, out, { foldPlace }) => foldPlace(x, spec, attrs, out, lessThan),
};

/**
 * Where the greatest element lies along an axis (the first of equals), or in row-major order over several or all.
 * @returns int32, without these axes
 */
export const argMax = reducer(argMaxOp);

/**
 * Where the least element lies along an axis (the first of equals), or in row-major order over several or all.
 * @returns int32, without these axes
 */
export const argMin = reducer(argMinOp);

/** The derivative of max and min: that of the one element chosen, the first of equals. */
const chosen = (place: typeof argMax): Derivative<ReduceAttrs> => ({
  kind: "differential",
  differential([dx], [x], _, { axes, keepDims }) {
    // Where there is none to choose, the sum of no tangents: 0.
    if (x.size === 0) return sum(dx!, axes, { keepDims });
    const mask = equal(placesAlong(x, axes), place(x, axes, { keepDims: true }));
    return sum(where(mask, dx!, 0), axes, { keepDims });
  },
});

const maxOp: ReduceOp = {
  name: "max",
  ...reduction("numbers"),
  isGreatest: true,
  fold: simpleFold(lowest, (a, b) => call(isFloat(a.dtype) ? "maximumf" : "max", a, b)),
  derivative: chosen(argMax),
  cpu: ([x], [spec], attrs, out, { pickReal }) =>
    pickReal(x, spec, attrs, out, -Infinity, greaterThan),
  complex: ([x], [spec], attrs, out, { pickComplex }) =>
    pickComplex(x, spec, attrs, out, greaterThan),
};

/** The greatest element along some axes; NaN comes through. */
export const max = reducer(nonEmpty(maxOp));

/**
 * The greatest element, −∞ where there is none; a NaN may be passed over. For formulas in which it comes through by
 * another way, and which would pay for it twice.
 */
export const greatest = reducer({
  ...maxOp,
  name: "greatest",
  cpu: maxOp.cpu,
  complex: maxOp.complex,
  fold: simpleFold(lowest, (a, b) => call("max", a, b)),
});

const minOp: ReduceOp = {
  name: "min",
  ...reduction("numbers"),
  fold: simpleFold(highest, (a, b) => call(isFloat(a.dtype) ? "minimumf" : "min", a, b)),
  derivative: chosen(argMin),
  cpu: ([x], [spec], attrs, out, { pickReal }) => pickReal(x, spec, attrs, out, Infinity, lessThan),
  complex: ([x], [spec], attrs, out, { pickComplex }) => pickComplex(x, spec, attrs, out, lessThan),
};

/** The least element along some axes; NaN comes through. */
export const min = reducer(nonEmpty(minOp));

/** Π x as products of halves: no division, so it is right where elements are 0, to any order of derivative. */
function productByHalves(x: Tensor, { axes, keepDims }: ReduceAttrs): Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const rest = kept.map((axis) => x.shape[axis]);
  let n = sizeOf(axes.map((axis) => x.shape[axis]));
  // Of nothing it is 1, and the sum 0.
  if (n === 0) return add(sum(x, axes, { keepDims }), 1);
  let y = reshape(transpose(x, [...axes, ...kept]), [n, ...rest]);
  while (n > 1) {
    const half = Math.ceil(n / 2);
    const rest = slice(y, [half], [n]);
    // Of an odd number the last has 1 for its other.
    const other = pad(rest, [[0, 2 * half - n], ...rest.shape.slice(1).map(() => [0, 0])], 1);
    y = mul(slice(y, [0], [half]), other);
    n = half;
  }
  return reshape(y, reducedShape(x.shape, { axes, keepDims }));
}

const prodOp: ReduceOp = {
  name: "prod",
  ...reduction("numbers"),
  fold: simpleFold(
    () => 1,
    (a, b) => infix(a, "*", b),
  ),
  derivative: { kind: "composite", decompose: ([x], attrs) => productByHalves(x, attrs) },
  cpu: ([x], [spec], attrs, out, { foldReal }) =>
    foldReal(x, spec, attrs, out, 1, isFloat(spec.dtype) ? (s, v) => s * v : Math.imul),
  complex: ([x], [spec], attrs, out, { foldComplexProduct }, C) =>
    foldComplexProduct(x, spec, attrs, out, C),
};

/**
 * Π x along some axes, 1 where there are no elements; its gradient is right at zeros too.
 * @throws ShapeError where there is no such axis
 */
export const prod = reducer(prodOp);

/**
 * Whether any element along some axes is true.
 * @param x bool
 * @returns bool, without these axes
 * @throws DtypeError where x is not bool
 * @throws ShapeError where there is no such axis
 */
export const any = reducer({
  name: "any",
  ...reduction("bool"),
  fold: simpleFold(
    () => 0,
    (a, b) => infix(a, "|", b),
  ),
  derivative: { kind: "none" },
  cpu: ([x], [spec], attrs, out, { foldReal }) => foldReal(x, spec, attrs, out, 0, (s, v) => s | v),
});

/**
 * Whether all elements along some axes are true.
 * @param x bool
 * @returns bool, without these axes
 * @throws DtypeError where x is not bool
 * @throws ShapeError where there is no such axis
 */
export const all = reducer({
  name: "all",
  ...reduction("bool"),
  fold: simpleFold(
    () => 1,
    (a, b) => infix(a, "&", b),
  ),
  derivative: { kind: "none" },
  cpu: ([x], [spec], attrs, out, { foldReal }) => foldReal(x, spec, attrs, out, 1, (s, v) => s & v),
});
