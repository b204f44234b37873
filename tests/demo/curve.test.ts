import { expect, test } from "vitest";
import {
  curveOf,
  examples,
  formatCurve,
  knots,
  parseCurve,
  valueAt,
  withStroke,
} from "../../demo/approximation/curve.ts";

test("a link brings a curve back exactly; what is no curve is none", () => {
  for (const curve of Object.values(examples)) {
    const text = formatCurve(curve);
    expect(parseCurve(text)).toEqual(curve);
    expect(encodeURIComponent(text)).toBe(text);
  }
  for (const text of ["", "00", "!".repeat(2 * knots)]) expect(parseCurve(text)).toBeUndefined();
});

test("values between knots, and beyond the ends", () => {
  const line = curveOf((x) => 2 * x - 1);
  for (const x of [0, 0.1234, 0.5, 0.999, 1]) expect(valueAt(line, x)).toBeCloseTo(2 * x - 1, 3);
  expect(valueAt(line, -3)).toBe(-1);
  expect(valueAt(line, 7)).toBe(1);
});

test("a stroke moves what it passes, at least one knot, and nothing else", () => {
  const flat = curveOf(() => 0);
  const drawn = withStroke(flat, [0.75, 1], [0.25, -1]);
  expect(valueAt(drawn, 0.5)).toBeCloseTo(0, 2);
  expect(valueAt(drawn, 0.75)).toBeCloseTo(1, 2);
  expect(valueAt(drawn, 0.9)).toBeCloseTo(0, 3);
  const dot = withStroke(flat, [0.3, 5], [0.3, 5]);
  expect(dot.filter((y) => y > 0.9)).toHaveLength(1);
});
