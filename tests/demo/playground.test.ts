import { expect, test } from "vitest";
import { cornerOf, layout } from "../../demo/playground/layout.ts";
import { formatPainted, mostPainted, paintedAt } from "../../demo/playground/painted.ts";
import { hasHeights, samples, type SetName } from "../../demo/playground/samples.ts";
import { fields, setNames } from "../../demo/playground/settings.ts";

const settings = { data: "circle", count: 400, noise: 0, seed: 1, tested: 0.25, painted: [] };
const sampled = (changes: object) => samples({ ...settings, ...changes } as never);

/** Rows of x, y and target. */
const rowsOf = (points: Float32Array) =>
  Array.from({ length: points.length / 3 }, (_, i) => points.subarray(3 * i, 3 * i + 3));

test("every set has its points on the sheet, as many of each kind in both parts", () => {
  for (const data of Object.keys(setNames) as SetName[]) {
    const { train, test } = sampled({ data });
    const count = data === "own" ? 0 : 400;
    expect([train.length / 3, test.length / 3], data).toEqual([0.75 * count, 0.25 * count]);
    for (const [x, y, target] of [...rowsOf(train), ...rowsOf(test)]) {
      expect(Math.max(Math.abs(x), Math.abs(y)), data).toBeLessThanOrEqual(1);
      if (hasHeights(data)) expect(Math.abs(target)).toBeLessThanOrEqual(1);
      else expect([0, 1]).toContain(target);
    }
    if (hasHeights(data) || data === "own") continue;
    const share = rowsOf(test).reduce((sum, row) => sum + row[2], 0) / 100;
    expect(Math.abs(share - 0.5), data).toBeLessThan(0.15);
  }
});

test("the seed fixes the points, and the noise moves them", () => {
  expect(sampled({})).toEqual(sampled({}));
  expect(sampled({ seed: 2 })).not.toEqual(sampled({}));
  expect(sampled({ noise: 0.2 })).not.toEqual(sampled({}));
});

test("what is painted goes through a link, and to both parts", () => {
  const painted = [paintedAt(-1.1, 1.1, 0), paintedAt(0.4, -0.7, 1), paintedAt(1.1, 0, 1)];
  const text = formatPainted(painted);
  expect(text).toMatch(/^[\w-]{9}$/);
  expect(fields.painted.parse(text)).toEqual(painted);
  for (const wrong of ["ab", "ab.", "___", "000".repeat(mostPainted + 1)])
    expect(fields.painted.parse(wrong), wrong).toBeUndefined();
  const { train, test } = sampled({ data: "own", painted: [...painted, paintedAt(0, 0, 0)] });
  expect([train.length, test.length]).toEqual([12, 0]);
  const heights = sampled({ data: "plane", count: 0, painted });
  expect(rowsOf(heights.train).map((row) => row[2])).toEqual([-1, 1, 1]);
});

test("links that ask for no network, or for too large a one, are not followed", () => {
  expect(fields.layers.parse("none")).toEqual([]);
  expect(fields.layers.parse("128-1")).toEqual([128, 1]);
  for (const wrong of ["", "0", "129", "1.5", "4-", "1-1-1-1-1-1-1-1-1"])
    expect(fields.layers.parse(wrong), wrong).toBeUndefined();
  expect(fields.inputs.parse("x1 sin2")).toEqual(["x1", "sin2"]);
  for (const wrong of ["", "x3", "x1 x1"])
    expect(fields.inputs.parse(wrong), wrong).toBeUndefined();
});

test("units lie on the sheet, and beside each other, on a phone as on a screen", () => {
  const counts = [7, ...Array<number>(8).fill(128), 1];
  for (const [width, height] of [
    [550, 332],
    [244, 332],
  ]) {
    let right = 0;
    for (const block of layout(width, height, counts)) {
      expect(block.side).toBeGreaterThan(2);
      expect(block.left).toBeGreaterThanOrEqual(right);
      right = block.left + block.across * block.pitch;
      const last = cornerOf(block, block.count - 1);
      expect(block.top).toBeGreaterThanOrEqual(-1e-6);
      expect(last.top + block.side).toBeLessThanOrEqual(height + 1e-6);
      expect(last.left + block.side).toBeLessThanOrEqual(width);
    }
  }
});
