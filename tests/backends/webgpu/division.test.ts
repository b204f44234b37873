import { expect, test } from "vitest";
import { reciprocalOf } from "../../../src/backends/webgpu/kernels/division.ts";

// Quotients that kernels compute as products and shifts, for dividends next to multiples of the divisor, where rounding
// would show first.

test("quotients are exact up to the greatest dividend, and no product leaves a word", () => {
  const greatest = [0, 1, 5, 27, 255, 783, 4096, 25_087, 65_535, 1_000_003, 2 ** 31, 2 ** 32 - 1];
  for (let by = 2; by < 400; by++) {
    for (const max of greatest) {
      const found = reciprocalOf(by, max);
      if (!found) continue;
      const { factor, shift } = found;
      expect(max * factor).toBeLessThan(2 ** 32);
      const quotient = (x: number) => Math.floor((x * factor) / 2 ** shift);
      const last = Math.floor(max / by);
      for (const q of [0, 1, 2, Math.floor(last / 2), last - 1, last]) {
        for (const x of [q * by - 1, q * by, q * by + by - 1]) {
          if (x >= 0 && x <= max) expect(quotient(x), `${x} / ${by}`).toBe(Math.floor(x / by));
        }
      }
      expect(quotient(max), `${max} / ${by}`).toBe(last);
    }
  }
});

test("small indices have one, whatever they are divided by", () => {
  for (let by = 2; by < 1000; by++) expect(reciprocalOf(by, 4095), `${by}`).not.toBeNull();
  expect(reciprocalOf(8, 2 ** 32 - 1)).toEqual({ factor: 1, shift: 3 });
});
