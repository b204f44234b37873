import { hostArray, type HostArray } from "../base/dtype.ts";
import { DtypeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { sizeOf, stridesOf, type Shape } from "../base/shape.ts";
import type { ComplexArray, ComplexFunctions, ReduceAttrs, ReduceOp, Spec } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { axesOf, type Axes } from "./axes.ts";

export interface ReduceOptions {
  /** Keep the reduced axes, with length 1. */
  keepDims?: boolean;
}

/** What a user's reduction is to do; `known` are its options. */
export function reduceAttrs<T extends ReduceOptions>(
  op: string,
  x: Tensor,
  axes: Axes | undefined,
  options: T,
  known: readonly (keyof T & string)[] = ["keepDims"],
): ReduceAttrs {
  checkOptions(op, options, known);
  return { axes: axesOf(op, x, axes), keepDims: options.keepDims ?? false };
}

/** The shape with the reduced axes of length 1, or without them. */
export function reducedShape(shape: Shape, { axes, keepDims }: ReduceAttrs): Shape {
  return keepDims
    ? shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** Calls `visit(i, r, c)` for each element: its place, its row among those kept, its place along the reduced axes. */
function forEachElement(
  shape: Shape,
  axes: readonly number[],
  visit: (i: number, row: number, at: number) => void,
): void {
  const kept = stridesOf(reducedShape(shape, { axes, keepDims: true }));
  const along = stridesOf(shape.map((n, axis) => (axes.includes(axis) ? n : 1)));
  const coords = shape.map(() => 0);
  const size = sizeOf(shape);
  for (let i = 0, row = 0, at = 0; i < size; i++) {
    visit(i, row, at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const reduced = axes.includes(axis);
      if (reduced) at += along[axis];
      else row += kept[axis];
      if (++coords[axis] < shape[axis]) break;
      coords[axis] = 0;
      if (reduced) at -= along[axis] * shape[axis];
      else row -= kept[axis] * shape[axis];
    }
  }
}

/** The row-major places of the elements of each row, rows in order. */
export function rowsAlong(shape: Shape, axes: readonly number[]): number[][] {
  const rows = Array.from(
    { length: sizeOf(reducedShape(shape, { axes, keepDims: false })) },
    () => [] as number[],
  );
  forEachElement(shape, axes, (i, row) => rows[row].push(i));
  return rows;
}

/** Folds each row in order, starting from `identity`; `combine` is given the place along the reduced axes too. */
export function foldReal(
  x: HostArray,
  { shape }: Spec,
  { axes }: ReduceAttrs,
  out: Spec,
  identity: number,
  combine: (state: number, value: number) => number,
): HostArray {
  const y = hostArray(out.dtype, sizeOf(out.shape)).fill(identity);
  forEachElement(shape, axes, (i, row) => (y[row] = combine(y[row], x[i])));
  return y;
}

/** The place along the reduced axes of the element that `better` prefers to all before it. */
export function foldPlace(
  x: HostArray,
  { shape }: Spec,
  { axes }: ReduceAttrs,
  out: Spec,
  better: (value: number, best: number) => boolean,
): HostArray {
  const y = hostArray(out.dtype, sizeOf(out.shape));
  const best = new Float64Array(y.length);
  forEachElement(shape, axes, (i, row, at) => {
    if (at > 0 && !better(x[i], best[row])) return;
    best[row] = x[i];
    y[row] = at;
  });
  return y;
}

/** The element that `better` prefers to all before it. */
export function pickReal(
  x: HostArray,
  { shape }: Spec,
  { axes }: ReduceAttrs,
  out: Spec,
  better: (value: number, best: number) => boolean,
): HostArray {
  const y = hostArray(out.dtype, sizeOf(out.shape));
  forEachElement(shape, axes, (i, row, at) => {
    if (at === 0 || better(x[i], y[row])) y[row] = x[i];
  });
  return y;
}

/** The element that `better` prefers by its real part, with the imaginary part that comes with it. */
export function pickComplex(
  { re, im }: ComplexArray,
  spec: Spec,
  attrs: ReduceAttrs,
  better: (value: number, best: number) => boolean,
): ComplexArray {
  const shape = reducedShape(spec.shape, attrs);
  const chosen = new Float64Array(sizeOf(shape));
  const imaginary = im && new Float64Array(chosen.length);
  forEachElement(spec.shape, attrs.axes, (i, row, at) => {
    if (at > 0 && !better(re[i], chosen[row])) return;
    chosen[row] = re[i];
    if (im) imaginary![row] = im[i];
  });
  return { re: chosen, im: imaginary };
}

/** Π z along the reduced axes. */
export function foldComplexProduct(
  { re, im }: ComplexArray,
  spec: Spec,
  attrs: ReduceAttrs,
  out: Spec,
  { mul }: ComplexFunctions,
): ComplexArray {
  const y = new Float64Array(sizeOf(out.shape)).fill(1);
  const imaginary = new Float64Array(y.length);
  forEachElement(spec.shape, attrs.axes, (i, row) => {
    const z = mul({ re: y[row], im: imaginary[row] }, { re: re[i], im: im ? im[i] : 0 });
    y[row] = z.re;
    imaginary[row] = z.im;
  });
  return { re: y, im: imaginary };
}

/** What all reductions share. */
export function reduction(
  name: string,
  takes: "number" | "bool",
  result?: Spec["dtype"],
): Pick<ReduceOp, "kind" | "name" | "infer"> {
  return {
    kind: "reduce",
    name,
    infer([{ shape, dtype }], attrs) {
      if ((dtype === "bool") !== (takes === "bool")) {
        throw new DtypeError(
          `${name}: takes ${takes === "bool" ? "bool" : "numbers"}, got ${dtype}; cast it, as in x.cast("${
            takes === "bool" ? "bool" : "float32"
          }")`,
        );
      }
      return { shape: reducedShape(shape, attrs), dtype: result ?? dtype };
    },
  };
}
