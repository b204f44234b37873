import { expect, test } from "vitest";
import { verdict } from "../../demo/digits/verdict.ts";

/** Probabilities of which one digit has so much and the others share the rest. */
const leaning = (digit: number, share: number) =>
  Float32Array.from({ length: 10 }, (_, i) => (i === digit ? share : (1 - share) / 9));

test("a verdict is as sure as the network, and an English sentence", () => {
  expect(verdict(leaning(3, 1))).toBe("This is a 3 (100%).");
  expect(verdict(leaning(8, 0.75))).toBe("Probably an 8 (75%).");
  expect(verdict(leaning(0, 0.25))).toBe("Perhaps a 0 (25%).");
});
