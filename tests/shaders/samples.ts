export { ulp } from "../../scripts/functions/ulp.ts";

/** Numbers as float32. */
export const floats = (values: Iterable<number>): Float32Array<ArrayBuffer> =>
  Float32Array.from(values);

// From 88.72 on: where exp, sinh, erfc and exp2 overflow, or underflow to subnormal numbers and 0.
const SPECIAL = `0 0.5 1 2 3 5.5 9 20 1e4 1e5 1.5 Infinity 1e-45 1e-40 1.17549435e-38 3.4028234e38
  3.14159265 1.57079633 0.70710678 88.72 88.73 87.3 87.4 89.4 103.9 104 9.19 10.06 126 127.99 128
  149 150`
  .split(/\s+/)
  .map(Number);

/** Zeros, infinities, NaN, subnormal numbers and the places where something begins or ends. */
export const special = floats([...SPECIAL, ...SPECIAL.map((x) => -x), NaN]);

/** All magnitudes of both signs, [−30, 30] and [−1.5, 1.5] densely, and the special numbers. */
export const sampled: Float32Array<ArrayBuffer> = sample();

function sample(): Float32Array<ArrayBuffer> {
  // Each 200,003rd (a prime) of all bit patterns; `npm run check:functions` takes a million.
  const patterns = Uint32Array.from({ length: 21_475 }, (_, i) => i * 200_003);
  const all = new Float32Array(patterns.buffer);
  const line = Array.from({ length: 10_000 }, (_, i) => i / 5_000 - 1 + 1e-5 * Math.sin(2 * i));
  const dense = line.flatMap((t) => [30 * t, 1.5 * t]);
  return floats([...all, ...dense, ...special]);
}

/** Pairs of special numbers, of all magnitudes, and of moderate ones. */
export function pairs(): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const xs: number[] = [];
  const ys: number[] = [];
  for (const x of special) {
    for (const y of [...special, 2.5, 16777217, 1e9]) {
      xs.push(x);
      ys.push(y);
    }
  }
  for (let i = 0; i < sampled.length; i++) {
    xs.push(sampled[i]);
    ys.push(sampled[(i * 7919) % sampled.length]); // the 1000th prime: no order in the pairs
  }
  return [floats(xs), floats(ys)];
}
