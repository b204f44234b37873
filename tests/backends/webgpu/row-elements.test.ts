import { describe, expect, test } from "vitest";
import * as ct from "../../../src/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { numbers } from "../../graphs/numbers.ts";

await ct.init();

// A kernel computes again what it reads once for a row of the values that it computes for each element.

/** A value that is worth storing for several readers, in whole numbers. */
const value = (x: Tensor) => x.sub(1).mul(x).add(2).mul(x).sub(3).mul(x).add(1).mul(x).sub(5);
const valueOf = (x: number) => ((((x - 1) * x + 2) * x - 3) * x + 1) * x - 5;

const dispatchesOf = (f: (x: Tensor) => unknown, shape: number[]) =>
  ct.compile(f).plan(ct.zeros(shape)).dispatches.length;

/** The element of each row at a place. */
const at = (x: Tensor, axis: number, place: number) =>
  x.slice(
    [0, 1].map((a) => (a === axis ? place : 0)),
    x.shape.map((n, a) => (a === axis ? place + 1 : n)),
  );

describe("how many kernels there are", () => {
  test("one where an element is read for a whole row", () => {
    const f = (axis: number, place: number) => (x: Tensor) => {
      const h = value(x);
      return [h, h.mul(at(h, axis, place)).sum(axis)];
    };
    expect(dispatchesOf(f(1, 0), [40, 30])).toBe(1);
    expect(dispatchesOf(f(1, 17), [40, 30])).toBe(1);
    expect(dispatchesOf((x) => ct.layerNorm(x.exp().add(1)), [40, 30])).toBe(1);
    expect(dispatchesOf((x) => ct.layerNorm(x.softmax()), [40, 30])).toBe(1);
    expect(dispatchesOf((x) => [x.add(1), ct.layerNorm(x.add(1))], [40, 30])).toBe(1);
  });

  test("two where neighbours are read, or other rows", () => {
    const flipped = (axis: number) => (x: Tensor) => {
      const h = value(x);
      return [h, h.mul(h.flip(axis)).sum(1)];
    };
    expect(dispatchesOf(flipped(1), [40, 30])).toBe(2);
    expect(dispatchesOf(flipped(0), [40, 30])).toBe(2);
  });

  test("two where so much would be computed again that a kernel takes long to compile", () => {
    const f = (x: Tensor) => {
      const h = value(x);
      const all = Array.from({ length: 20 }, (_, place) => at(h, 1, place));
      return [h, all.reduce((y, first) => y.sub(first), h).sum(1)];
    };
    expect(dispatchesOf(f, [40, 30])).toBe(2);
  });
});

test.each([
  [5, 7],
  [40, 30],
  [128, 256],
  [64, 1100],
  [3, 5000],
])("rows of %i x %i, along both axes", async (n, m) => {
  const data = [...numbers(n * m, n)].map((v) => Math.round(v));
  const f = ct.compile((x: Tensor) => {
    const h = value(x);
    return [0, 1].map((axis) => h.sub(at(h, axis, 2)).sum(axis));
  });
  const [down, along] = await Promise.all(f(ct.tensor(data, [n, m])).map((y) => y.data()));
  const h = (i: number, j: number) => valueOf(data[i * m + j]);
  const sum = (count: number, term: (k: number) => number) =>
    Array.from({ length: count }, (_, k) => term(k)).reduce((a, b) => a + b, 0);
  expect([...down]).toEqual(Array.from({ length: m }, (_, j) => sum(n, (i) => h(i, j) - h(2, j))));
  expect([...along]).toEqual(Array.from({ length: n }, (_, i) => sum(m, (j) => h(i, j) - h(i, 2))));
});
