import type { Bound } from "./tolerance.ts";

/** Where a tensor is wrong by the most, measured by its tolerance. */
export interface Failure {
  part: string;
  index: number;
  got: number;
  expected: number;
  tolerance: number;
  /** How many elements are wrong. */
  count: number;
}

const same = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));

const limited = (v: number, most: number) => (Math.abs(v) < most ? v : v * Infinity);

/**
 * Compares a tensor with the truth; null where every element is within its bound. NaN and ∞ must be met exactly.
 * What is larger than `most` is infinite; an element whose bound is NaN is passed over.
 */
export function compare(
  part: string,
  got: ArrayLike<number>,
  truth: ArrayLike<number>,
  bound: Bound,
  most = Infinity,
): Failure | null {
  if (got.length !== truth.length) {
    return { part, index: -1, got: got.length, expected: truth.length, tolerance: 0, count: 1 };
  }
  let worst: Failure | null = null;
  let excess = 0;
  let count = 0;
  for (let i = 0; i < truth.length; i++) {
    if (same(limited(got[i], most), limited(truth[i], most))) continue;
    const tolerance = bound(i);
    if (Number.isNaN(tolerance)) continue;
    const distance = Math.abs(got[i] - truth[i]);
    if (distance <= tolerance) continue;
    count++;
    const ratio = Number.isNaN(distance) ? Infinity : distance / tolerance;
    if (worst && ratio <= excess) continue;
    excess = ratio;
    worst = { part, index: i, got: got[i], expected: truth[i], tolerance, count };
  }
  return worst && { ...worst, count };
}
