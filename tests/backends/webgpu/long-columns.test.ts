import { expect, test } from "vitest";
import * as ct from "../../../src/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { numbers } from "../../graphs/numbers.ts";

await ct.init();

// Threads that take four columns each, side by side, take four elements of them in each turn; those that take a row, or a
// part of one, in vectors take several of them.

const takesFour = (f: (x: Tensor) => Tensor, x: Tensor) =>
  ct
    .compile(f)
    .plan(x)
    .dispatches.some(({ wgsl }) => wgsl.includes("for (var t = "));

test("long columns are taken four elements at a time where little is computed for each", () => {
  const x = ct.zeros([512, 256]);
  expect(takesFour((x) => x.sum(0), x)).toBe(true);
  expect(takesFour((x) => x.max(0), x)).toBe(true);
  expect(takesFour((x) => ct.std(x, 0), x)).toBe(true);
  expect(takesFour((x) => x.argMax(0), x)).toBe(false);
  expect(takesFour((x) => x.exp().sum(0), x)).toBe(false);
  expect(takesFour((x) => x.sum(1), x)).toBe(false);
  expect(takesFour((x) => x.sum(0), ct.zeros([513, 256]))).toBe(false);
  expect(takesFour((x) => x.sum(0), ct.zeros([64, 4096]))).toBe(true);
  expect(takesFour((x) => x.sum(0), ct.zeros([60, 4096]))).toBe(false);
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

test.each([64, 1028])("columns of %i with weights of rows, of columns and by place", async (n) => {
  const width = 68;
  const whole = (length: number, seed: number) =>
    [...numbers(length, seed)].map((v) => Math.round(2 * v));
  const [data, along, across] = [whole(n * width, n), whole(n, 1), whole(width, 2)];
  const f = ct.compile((x: Tensor, a: Tensor, b: Tensor) => {
    const weighted = x.mul(a).add(b);
    const places = ct.arange(n).reshape([n, 1]);
    return [weighted.sum(0), x.sub(x.max(0)).mul(places).sum(0)];
  });
  const args = [ct.tensor(data, [n, width]), ct.tensor(along, [n, 1]), ct.tensor(across)] as const;
  const found = await Promise.all(f(...args).map((y) => y.data()));
  for (let j = 0; j < width; j++) {
    const column = Array.from({ length: n }, (_, i) => data[i * width + j]);
    const weighted = column.map((v, i) => v * along[i] + across[j]);
    const greatest = Math.max(...column);
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    expect(found[0][j]).toBe(sum(weighted));
    expect(found[1][j]).toBe(sum(column.map((v, i) => (v - greatest) * i)));
  }
});

test("long rows are taken four or two vectors at a time where little is computed for each", () => {
  const vectors = (f: (x: Tensor) => Tensor, shape: readonly number[]) => {
    const [{ wgsl }] = ct.compile(f).plan(ct.zeros(shape)).dispatches;
    const [turn] = /for \(var \w+ = [^}]*\}/.exec(wgsl.replace(/for \(var block[^\n]*/, ""))!;
    return turn.split("= x0[").length - 1;
  };
  const sum = (x: Tensor) => x.sum(1);
  expect(vectors(sum, [64, 256])).toBe(1);
  expect(vectors(sum, [64, 272])).toBe(4);
  expect(vectors(sum, [64, 264])).toBe(2);
  expect(vectors(sum, [64, 260])).toBe(1);
  expect(vectors((x) => ct.std(x, 1), [64, 784])).toBe(4);
  expect(vectors((x) => x.exp().sum(1), [64, 784])).toBe(1);
  // Of a single row, eight threads take some each.
  expect(vectors(sum, [1, 2048])).toBe(1);
  expect(vectors(sum, [1, 8448])).toBe(4);
});

test.each([
  [20, 264],
  [7, 272],
  [13, 784],
  [5, 1028],
  [3, 1040],
  [1, 2056],
  [1, 2320],
  [2, 10_000],
])("%i rows of %i", async (rows, n) => {
  const data = [...numbers(rows * n, n)].map((v) => Math.round(2 * v));
  const x = ct.tensor(data, [rows, n]);
  const f = ct.compile((x: Tensor) => {
    const centred = x.sub(x.mean(1, { keepDims: true }));
    return [x.sum(1), x.max(1), x.mul(ct.arange(n)).sum(1), centred.abs().sum(1)];
  });
  const found = await Promise.all(f(x).map((y) => y.data()));
  const add = (a: number, b: number) => a + b;
  for (let i = 0; i < rows; i++) {
    const row = data.slice(i * n, (i + 1) * n);
    const total = row.reduce(add);
    expect(found[0][i]).toBe(total);
    expect(found[1][i]).toBe(Math.max(...row));
    expect(found[2][i]).toBe(row.map((v, j) => v * j).reduce(add));
    const spread = row.map((v) => Math.abs(v - total / n)).reduce(add);
    expect(Math.abs(found[3][i] / spread - 1)).toBeLessThan(5e-7);
  }
});
