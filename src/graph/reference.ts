import type { Complex } from "../base/complex.ts";
import { hostArray, type HostArray } from "../base/dtype.ts";
import * as random from "../base/threefry.ts";
import { sizeOf, stridesOf, type Shape } from "../base/shape.ts";
import * as special from "../base/special.ts";
import type { Attrs, ComplexArray, ComplexFunctions, ReduceAttrs, Spec } from "./op.ts";

// What the rules for the reference are written with. The reference brings it to them, as R: no program that trains on a
// GPU loads it.

/** What Math lacks: special functions and random bits. */
export const functions = { ...special, ...random };

/** A function of the operands' numbers, the attributes and `functions`. */
export type RealRule = (...args: (number | Attrs)[]) => number;
export type ComplexRule = (...args: (Complex | Attrs)[]) => Complex;

/** first + c·strides for the coordinates c of each element of a shape, row-major. */
export function placesOf(shape: Shape, strides: readonly number[], first = 0): Uint32Array {
  const places = new Uint32Array(sizeOf(shape));
  const coords = shape.map(() => 0);
  for (let i = 0, at = first; i < places.length; i++) {
    places[i] = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++coords[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      coords[axis] = 0;
    }
  }
  return places;
}

/** The elements of x at these places. */
export function take(x: HostArray, places: Uint32Array): HostArray {
  const y = new (x.constructor as new (n: number) => HostArray)(places.length);
  for (let i = 0; i < y.length; i++) y[i] = x[places[i]];
  return y;
}

/** Where the elements of a broadcast operand lie: null where the shapes agree. */
export function broadcastIndices(from: Shape, to: Shape): Uint32Array | null {
  if (sizeOf(from) === sizeOf(to) && from.length === to.length) return null;
  const lead = to.length - from.length;
  const strides = stridesOf(from);
  return placesOf(
    to,
    to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : strides[axis - lead])),
  );
}

/** f of the numbers at the same place of each operand; operands broadcast. */
export function mapReal(
  f: RealRule,
  inputs: readonly HostArray[],
  specs: readonly Spec[],
  attrs: Attrs,
  out: Spec,
): HostArray {
  const y = hostArray(out.dtype, sizeOf(out.shape));
  const [a, b, c, d] = inputs.map((x, k) => spread(x, specs[k].shape, out.shape));
  if (inputs.length === 1) for (let i = 0; i < y.length; i++) y[i] = f(a[i], attrs, functions);
  else if (inputs.length === 2)
    for (let i = 0; i < y.length; i++) y[i] = f(a[i], b[i], attrs, functions);
  else if (inputs.length === 3)
    for (let i = 0; i < y.length; i++) y[i] = f(a[i], b[i], c[i], attrs, functions);
  else for (let i = 0; i < y.length; i++) y[i] = f(a[i], b[i], c[i], d[i], attrs, functions);
  return y;
}

/** An operand with one element for each of the result. */
export function spread(x: HostArray, from: Shape, to: Shape): HostArray {
  const places = broadcastIndices(from, to);
  return places ? take(x, places) : x;
}

/** The same on complex numbers. */
export function mapComplex(
  f: ComplexRule,
  inputs: readonly ComplexArray[],
  specs: readonly Spec[],
  attrs: Attrs,
  out: Spec,
): ComplexArray {
  const size = sizeOf(out.shape);
  const args = inputs.map(({ re, im }, k) => ({
    re: spread(re, specs[k].shape, out.shape),
    im: im && spread(im, specs[k].shape, out.shape),
  }));
  const re = hostArray(out.dtype, size);
  const im = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const z = args.map((x) => ({ re: x.re[i], im: x.im ? x.im[i] : 0 }));
    const y = f(...z, attrs);
    re[i] = y.re;
    im[i] = y.im;
  }
  return { re, im };
}

/** Calls `visit(i, r, c)` for each element: its place, its row among those kept, its place along the reduced axes. */
function forEachElement(
  shape: Shape,
  axes: readonly number[],
  visit: (i: number, row: number, at: number) => void,
): void {
  // The places in a tensor of one of the two kinds of axes alone.
  const within = (has: (axis: number) => boolean) => {
    const strides = stridesOf(shape.map((n, axis) => (has(axis) ? n : 1)));
    return placesOf(
      shape,
      strides.map((s, axis) => (has(axis) ? s : 0)),
    );
  };
  const rows = within((axis) => !axes.includes(axis));
  const along = within((axis) => axes.includes(axis));
  rows.forEach((row, i) => visit(i, row, along[i]));
}

/** The row-major places of the elements of each row, rows in order. */
export function rowsAlong(shape: Shape, axes: readonly number[]): number[][] {
  const count = sizeOf(shape.filter((_, axis) => !axes.includes(axis)));
  const rows = Array.from({ length: count }, () => [] as number[]);
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

/** The element that `better` prefers to all before it; `identity` where there is none. */
export function pickReal(
  x: HostArray,
  { shape }: Spec,
  { axes }: ReduceAttrs,
  out: Spec,
  identity: number,
  better: (value: number, best: number) => boolean,
): HostArray {
  const y = hostArray(out.dtype, sizeOf(out.shape)).fill(identity);
  forEachElement(shape, axes, (i, row, at) => {
    if (at === 0 || better(x[i], y[row])) y[row] = x[i];
  });
  return y;
}

/** The element that `better` prefers by its real part, with the imaginary part that comes with it. */
export function pickComplex(
  { re, im }: ComplexArray,
  { shape }: Spec,
  { axes }: ReduceAttrs,
  out: Spec,
  better: (value: number, best: number) => boolean,
): ComplexArray {
  const chosen = new Float64Array(sizeOf(out.shape));
  const imaginary = im && new Float64Array(chosen.length);
  forEachElement(shape, axes, (i, row, at) => {
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

/** A function that is linear in each of two operands, on complex numbers: (a + ib)(c + id) = ac − bd + i(ad + bc). */
export function bilinear(
  f: (a: HostArray, b: HostArray) => HostArray,
  a: ComplexArray,
  b: ComplexArray,
): ComplexArray {
  const part = (x: HostArray | null, y: HostArray | null) => (x && y ? f(x, y) : null);
  const re = f(a.re, b.re);
  const [ii, ri, ir] = [part(a.im, b.im), part(a.re, b.im), part(a.im, b.re)];
  if (ii) re.forEach((v, i) => (re[i] = v - ii[i]));
  if (!ri && !ir) return { re, im: null };
  return { re, im: Float64Array.from(re, (_, i) => (ri ? ri[i] : 0) + (ir ? ir[i] : 0)) };
}

/** Applies a function to each row along some axes. */
export function mapRows(
  x: HostArray,
  shape: Shape,
  axes: readonly number[],
  f: (row: Float64Array) => Float64Array,
): HostArray {
  const y = hostArray("float32", x.length);
  for (const places of rowsAlong(shape, axes)) {
    f(Float64Array.from(places, (i) => x[i])).forEach((v, j) => (y[places[j]] = v));
  }
  return y;
}

/** Σ x / n of the elements at some places; of equal ones, their value. */
export function meanOf(x: HostArray, places: readonly number[]): number {
  let [sum, low, high] = [0, Infinity, -Infinity];
  for (const i of places) {
    sum += x[i];
    low = Math.min(low, x[i]);
    high = Math.max(high, x[i]);
  }
  return Math.min(Math.max(sum / places.length, low), high);
}

/** x − mean of the elements at some places, right to the digits of their spread. */
export function deviationsOf(x: HostArray, places: readonly number[]): Float64Array {
  const centre = meanOf(x, places);
  const rough = Float64Array.from(places, (i) => x[i] - centre);
  const rest = rough.reduce((s, v) => s + v, 0) / rough.length;
  return rough.map((v) => v - rest);
}

/** Σ (x − mean)²/(n − correction) of the elements at some places, where a divisor below 0 is 0. */
export function varianceOf(x: HostArray, places: readonly number[], correction = 0): number {
  const squares = deviationsOf(x, places).reduce((s, v) => s + v * v, 0);
  return squares / Math.max(0, places.length - correction);
}

/** Σ aᵢ bᵢ. */
export const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((s, v, i) => s + v * b[i], 0);
