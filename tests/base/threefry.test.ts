import { describe, expect, test } from "vitest";
import { normalFromBits, permute, threefry, uniformFromBits } from "../../src/base/threefry.ts";

const KEY = [0x9e3779b9, 0x7f4a7c15] as const;

/** Pearson's χ² of counts that should be equal, as standard deviations from its mean. */
function chiSquareScore(counts: ArrayLike<number>): number {
  const all = Array.from(counts);
  const expected = all.reduce((a, b) => a + b) / all.length;
  const chi2 = all.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
  const freedom = all.length - 1;
  return (chi2 - freedom) / Math.sqrt(2 * freedom);
}

describe("threefry", () => {
  // Known answers published with Random123 (kat_vectors, threefry2x32 20).
  test.each([
    [
      [0, 0, 0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ])("key and counter %j", ([k0, k1, c0, c1], words) => {
    expect(threefry(k0, k1, c0, c1)).toEqual(words);
  });

  test("one flipped input bit flips half of the output bits", () => {
    let flipped = 0;
    for (let bit = 0; bit < 64; bit++) {
      const [a0, a1] = threefry(...KEY, 5, 6);
      const [b0, b1] = threefry(
        ...KEY,
        bit < 32 ? 5 ^ (1 << bit) : 5,
        bit < 32 ? 6 : 6 ^ (1 << bit),
      );
      for (let difference of [a0 ^ b0, a1 ^ b1])
        for (; difference !== 0; difference &= difference - 1) flipped++;
    }
    expect(flipped / 4096).toBeCloseTo(0.5, 1);
  });
});

describe("permute", () => {
  const sizes = [...Array.from({ length: 300 }, (_, i) => i + 1), 1000, 8000];

  test("is a bijection of [0, n)", () => {
    for (const n of sizes) {
      const seen = new Set<number>();
      for (let i = 0; i < n; i++) seen.add(permute(i, n, ...KEY));
      expect(seen.size).toBe(n);
      expect(Math.max(...seen)).toBe(n - 1);
    }
  });

  test("is the identity outside [0, n)", () => {
    expect(permute(7, 5, ...KEY)).toBe(7);
    expect(permute(0, 0, ...KEY)).toBe(0);
  });

  test("stays below n in the largest domains", () => {
    for (const n of [2 ** 30 + 1, 2 ** 32 - 1, 2 ** 32]) {
      for (const i of [0, 1, n - 1]) {
        const image = permute(i, n, ...KEY);
        expect(Number.isInteger(image) && image >= 0 && image < n).toBe(true);
      }
    }
  });

  test.each([3, 4, 5])("each permutation of %i elements is equally likely", (n) => {
    const counts = new Map<string, number>();
    const permutations = [1, 2, 6, 24, 120][n - 1];
    for (let k = 0; k < 100 * permutations; k++) {
      const image = Array.from({ length: n }, (_, i) => permute(i, n, k, 1)).join();
      counts.set(image, (counts.get(image) ?? 0) + 1);
    }
    expect(counts.size).toBe(permutations);
    expect(Math.abs(chiSquareScore([...counts.values()]))).toBeLessThan(4);
  });

  test.each([1000, 3000, 8000])("displacements and pairs are uniform for n = %i", (n) => {
    const displacements = new Float64Array(10);
    const pairs = new Float64Array(100);
    const keys = Math.ceil(20_000 / n);
    const bin = (x: number) => Math.floor((10 * x) / n);
    for (let k = 0; k < keys; k++) {
      const image = Array.from({ length: n }, (_, i) => permute(i, n, 7, k));
      for (let i = 0; i < n; i++) displacements[bin((image[i] - i + n) % n)]++;
      for (let i = 0; i + 1 < n; i++) pairs[10 * bin(image[i]) + bin(image[i + 1])]++;
    }
    expect(Math.abs(chiSquareScore(displacements))).toBeLessThan(4);
    expect(Math.abs(chiSquareScore(pairs))).toBeLessThan(4);
  });
});

describe("conversions", () => {
  const words = Array.from({ length: 20_000 }, (_, i) => threefry(...KEY, i, 0));

  test("uniform numbers lie in [0, 1) and are evenly spread", () => {
    const counts = new Float64Array(100);
    for (const [a] of words) counts[Math.floor(100 * uniformFromBits(a))]++;
    expect(Math.abs(chiSquareScore(counts))).toBeLessThan(4);
    expect(uniformFromBits(0)).toBe(0);
    expect(uniformFromBits(0xffffffff)).toBe(1 - 2 ** -24);
  });

  test("normal numbers have the moments 0, 1, 0, 3 and are finite at the ends", () => {
    const z = words.map(([a, b]) => normalFromBits(a, b));
    const moment = (k: number) => z.reduce((sum, v) => sum + v ** k, 0) / z.length;
    // Four standard errors: var(zᵏ) = (2k−1)!! − ((k−1)!!)² for even k.
    const error = (variance: number) => 4 * Math.sqrt(variance / z.length);
    expect(Math.abs(moment(1))).toBeLessThan(error(1));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(error(2));
    expect(Math.abs(moment(3))).toBeLessThan(error(15));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(error(96));
    expect(normalFromBits(0, 0)).toBeCloseTo(Math.sqrt(48 * Math.LN2), 12);
    expect(Math.abs(normalFromBits(0xffffffff, 0))).toBe(0);
  });
});
