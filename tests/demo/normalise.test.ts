import { describe, expect, test } from "vitest";
import { normalise, side } from "../../demo/digits/normalise.ts";

/** A sheet with ink where `inked` says so. */
function sheet(width: number, height: number, inked: (x: number, y: number) => boolean) {
  const pixels = Float32Array.from({ length: width * height }, (_, i) =>
    inked(i % width, Math.floor(i / width)) ? 1 : 0,
  );
  return { width, height, pixels };
}

const rowOf = (image: Float32Array, y: number) =>
  Array.from(image.subarray(y * side, (y + 1) * side));

describe("normalise", () => {
  test("an empty sheet gives an empty image", () => {
    expect(normalise(sheet(50, 50, () => false))).toEqual(new Float32Array(side * side));
  });

  test("a square of any size and place fills the middle 20 × 20", () => {
    const square = (x0: number, y0: number, size: number) =>
      sheet(200, 150, (x, y) => x >= x0 && x < x0 + size && y >= y0 && y < y0 + size);
    const middle = (x: number) => (x >= 4 && x < 24 ? 1 : 0);
    for (const image of [square(10, 20, 40), square(85, 3, 110), square(170, 130, 20)].map(
      normalise,
    )) {
      image.forEach((value, i) => {
        expect(value).toBeCloseTo(middle(i % side) * middle(Math.floor(i / side)), 5);
      });
    }
  });

  test("the longer side decides, and the shape is kept", () => {
    // 20 wide, 80 high: to become 5 × 20.
    const image = normalise(sheet(100, 100, (x, y) => x >= 50 && x < 70 && y >= 10 && y < 90));
    const columns = rowOf(image, 14);
    expect(columns.reduce((a, b) => a + b)).toBeCloseTo(5, 5);
    expect(rowOf(image, 3).every((v) => v === 0)).toBe(true);
    expect(rowOf(image, 4)[14]).toBeCloseTo(1, 5);
  });

  test("the centre of mass comes to the middle", () => {
    // An L: most of the ink is at the left and at the bottom.
    const image = normalise(
      sheet(120, 120, (x, y) => (x >= 20 && x < 35 && y >= 10) || (y >= 100 && x >= 20 && x < 90)),
    );
    let [mass, across, down] = [0, 0, 0];
    image.forEach((value, i) => {
      mass += value;
      across += value * ((i % side) + 0.5);
      down += value * (Math.floor(i / side) + 0.5);
    });
    expect(across / mass).toBeCloseTo(14, 1);
    expect(down / mass).toBeCloseTo(14, 1);
  });

  test("ink is conserved up to the scale", () => {
    const drawn = sheet(90, 60, (x, y) => (x * y) % 7 === 3 && x < 60);
    const image = normalise(drawn);
    const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);
    expect(sum(image)).toBeCloseTo((sum(drawn.pixels) * 20 ** 2) / 59 ** 2, 1);
  });
});
