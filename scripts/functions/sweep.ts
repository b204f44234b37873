import { compile, gradients, tensor, type Tensor } from "cotangent";
import type { Swept } from "./functions.ts";
import { ulp } from "./ulp.ts";

/** The bounds of the ranges of |x| that errors are told apart by. */
export const RANGES: readonly number[] = [2 ** -126, 2 ** -24, 1, 128, 12_000, 2 ** 32, Infinity];

/** The largest errors in a range of arguments. */
export interface Worst {
  /** In units in the last place of the right result. */
  ulps: number;
  /** Where that is. */
  at: number;
  /** In units of 2⁻²⁴ |y|, and what y changes by if x does by 2⁻²⁴ of itself: two roundings. */
  roundings: number;
}

/** What a sweep has found of a function or a gradient. */
export interface Finding {
  name: string;
  /** One for each range of RANGES. */
  worst: readonly Worst[];
  /** What is no matter of digits: NaN, infinities and zeros that should not be, or should. */
  wrong: readonly string[];
}

const SMALLEST = 2 ** -126;
/** What the loss of a subnormal number on the way, which drivers may count as 0, can make of a result. */
const FLUSHED = 32 * SMALLEST;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** `count` float32 numbers spread evenly over all bit patterns, and ±0 and ±∞. */
export function patterns(count: number): Float32Array<ArrayBuffer> {
  const stride = Math.floor(2 ** 32 / count) | 1; // odd, so that all last bits occur
  const words = Uint32Array.from({ length: count }, (_, i) => Math.imul(i, stride));
  words.set([0, 0x80000000, 0x7f800000, 0xff800000]);
  return new Float32Array(words.buffer);
}

/** Compares a function and its gradient with float64 on the device in use. */
export async function sweep(f: Swept, xs: Float32Array<ArrayBuffer>): Promise<Finding[]> {
  const both = compile((x: Tensor) => {
    const y = f.op(x);
    return [y, ...gradients(y.sum(), [x])];
  });
  const results = both(tensor(xs));
  const [y, slope] = await Promise.all(results.map((x) => x.data()));
  results.forEach((x) => x.dispose());
  const gradient = `${f.name}, gradient`;
  // Where a function is ∞ or about to be, so may be what its gradient is made of.
  const mayOverflow = (x: number) =>
    Math.abs(f.value(x)) > LARGEST || Math.abs(f.slope(x)) > LARGEST / 2;
  return [
    compare(f.name, f.value, xs, y, () => false),
    compare(gradient, f.slope, xs, slope, mayOverflow),
  ];
}

function compare(
  name: string,
  f: (x: number) => number,
  xs: Float32Array,
  got: ArrayLike<number>,
  mayOverflow: (x: number) => boolean,
): Finding {
  const worst = RANGES.map((): Worst => ({ ulps: 0, at: 0, roundings: 0 }));
  const wrong: string[] = [];
  xs.forEach((x, i) => {
    const y = f(x);
    const value = got[i];
    if (agrees(value, y) || (isSubnormal(x) && agrees(value, f(x < 0 ? -0 : 0)))) return;
    const error = Math.abs(value - y);
    if (!Number.isFinite(error)) {
      if (!(Math.abs(value) === Infinity && mayOverflow(x)))
        wrong.push(`f(${x}) = ${value}, not ${y}`);
      return;
    }
    if (error <= FLUSHED) return;
    const range = worst[RANGES.findIndex((end) => Math.abs(x) < end)];
    const ulps = error / ulp(y);
    if (ulps > range.ulps) {
      range.ulps = ulps;
      range.at = x;
    }
    const moved = [1 - 2 ** -24, 1 + 2 ** -24].map((t) => Math.abs(f(x * t) - y));
    const rounding = 2 ** -24 * Math.abs(y) + Math.max(...moved);
    range.roundings = Math.max(range.roundings, error / rounding);
  });
  return { name, worst, wrong };
}

const isSubnormal = (x: number) => x !== 0 && Math.abs(x) < SMALLEST;

/** Whether a result is the rounded truth, NaN for NaN and ∞ for ∞. */
const agrees = (got: number, y: number) =>
  got === Math.fround(y) || (Number.isNaN(y) && Number.isNaN(got));
