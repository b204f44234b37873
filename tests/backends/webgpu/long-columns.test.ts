import { expect, test } from "vitest";
import * as ct from "../../../src/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { numbers } from "../../graphs/numbers.ts";

await ct.init();

// Threads that take four columns each, side by side, take four elements of them in each turn.

const isUnrolled = (f: (x: Tensor) => Tensor, x: Tensor) =>
  ct
    .compile(f)
    .plan(x)
    .dispatches.some(({ wgsl }) => wgsl.includes("first + 3u"));

test("long columns are unrolled where little is computed for each element", () => {
  const x = ct.zeros([512, 256]);
  expect(isUnrolled((x) => x.sum(0), x)).toBe(true);
  expect(isUnrolled((x) => x.max(0), x)).toBe(true);
  expect(isUnrolled((x) => x.exp().sum(0), x)).toBe(false);
  expect(isUnrolled((x) => x.sum(1), x)).toBe(false);
  expect(isUnrolled((x) => x.sum(0), ct.zeros([513, 256]))).toBe(false);
});

test.each([256, 260, 300, 1024, 1025])("columns of %i", async (n) => {
  const width = 256;
  const data = [...numbers(n * width, n)].map((v) => Math.round(2 * v));
  const columns = Array.from({ length: width }, (_, j) =>
    Array.from({ length: n }, (_, i) => data[i * width + j]),
  );
  const f = ct.compile((x: Tensor) => [x.sum(0), x.max(0), x.argMax(0), x.square().mean(0)]);
  const found = await Promise.all(f(ct.tensor(data, [n, width])).map((y) => y.data()));
  const add = (a: number, b: number) => a + b;
  expect([...found[0]]).toEqual(columns.map((column) => column.reduce(add)));
  expect([...found[1]]).toEqual(columns.map((column) => Math.max(...column)));
  expect([...found[2]]).toEqual(columns.map((column) => column.indexOf(Math.max(...column))));
  const squares = columns.map((column) => column.map((v) => v * v).reduce(add) / n);
  squares.forEach((value, j) => expect(found[3][j]).toBeCloseTo(value, 5));
});
