import { beforeAll, describe, expect, test } from "vitest";
import type { WebGpuBackend } from "../../../src/backends/webgpu/webgpu-backend.ts";
import { currentBackend } from "../../../src/graph/backend.ts";
import * as ct from "../../../src/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { numbers } from "../../graphs/numbers.ts";

await ct.init();

const dispatchesOf = (f: (x: Tensor) => unknown, x: Tensor) =>
  ct.compile(f).plan(x).dispatches.length;

const { longRows } = (currentBackend() as WebGpuBackend).limits.target!;

describe("rows of many elements take two dispatches", () => {
  const whole: [name: string, f: (x: Tensor) => Tensor][] = [
    ["a sum", (x) => x.sum()],
    ["the place of the greatest", (x) => x.argMax()],
    ["a sum of squares", (x) => x.square().sum()],
    ["a mean of losses", (x) => x.sub(1).gelu().mean()],
  ];

  test.each(whole)("%s", async (_, f) => {
    const { shortest } = longRows;
    const n = 2 * shortest;
    for (const length of [n, n + 7]) {
      const x = ct.tensor(numbers(length, 1), [length]);
      expect(dispatchesOf(f, x)).toBe(2);
      const validation = await ct.compile(f).validate(x);
      expect(validation.worst!.ulps, String(validation)).toBeLessThan(64);
    }
    expect(dispatchesOf(f, ct.zeros([shortest / 2]))).toBe(1);
    expect(dispatchesOf(f, ct.zeros([shortest / 8, 8]).add(0))).toBe(2);
  });

  test("but not where there are rows enough", () => {
    const { rows, shortest } = longRows;
    expect(dispatchesOf((x) => x.sum(1), ct.zeros([rows, shortest]))).toBe(1);
    expect(dispatchesOf((x) => x.sum(0), ct.zeros([shortest, rows]))).toBe(1);
  });
});

describe("in blocks", () => {
  // Rows of five are long, so that blocks, their rest and blocks of blocks are looked at in small numbers.
  beforeAll(() => {
    const { limits } = currentBackend() as WebGpuBackend;
    const longRows = { rows: 64, shortest: 5, blocks: 24, shortestBlock: 2 };
    Object.assign(limits, { target: { ...limits.target, longRows } });
  });

  const shapes: [shape: number[], axes: number[]][] = [
    [[5], [0]],
    [[37], [0]],
    [[96], [0]],
    [[97], [0]],
    [[3, 31], [1]],
    [[31, 3], [0]],
    [
      [2, 3, 29],
      [0, 2],
    ],
    [
      [7, 3, 11, 2],
      [0, 2, 3],
    ],
    [
      [5, 1, 7, 2],
      [0, 1, 3],
    ],
    [
      [11, 1, 3],
      [0, 1, 2],
    ],
    [
      [3, 2, 5, 2, 3, 2, 7],
      [0, 2, 4, 6],
    ],
    [
      [2, 1, 3, 2, 3, 1, 5, 2],
      [0, 2, 4, 6],
    ],
  ];
  const size = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1);

  /** The elements of each row, in their order. */
  function rowsOf(data: readonly number[], shape: readonly number[], axes: readonly number[]) {
    const rows = new Map<string, number[]>();
    data.forEach((value, i) => {
      let rest = i;
      const coords = shape.map((_, axis) => {
        const stride = size(shape.slice(axis + 1));
        const c = Math.floor(rest / stride);
        rest %= stride;
        return axes.includes(axis) ? 0 : c;
      });
      const row = rows.get(coords.join()) ?? [];
      rows.set(coords.join(), [...row, value]);
    });
    return [...rows.values()];
  }

  const greatest = (row: readonly number[]) =>
    row.some(Number.isNaN) ? NaN : row.reduce((a, b) => Math.max(a, b));
  const least = (row: readonly number[]) => -greatest(row.map((v) => -v));
  const placeOf = (row: readonly number[], best: number) =>
    row.findIndex((v) => v === best || (Number.isNaN(v) && Number.isNaN(best)));

  const reductions: [
    name: string,
    f: (x: Tensor, axes: number[]) => Tensor,
    expected: (row: readonly number[]) => number,
  ][] = [
    ["sum", (x, axes) => x.sum(axes), (row) => row.reduce((a, b) => a + b, 0)],
    ["max", (x, axes) => x.max(axes), greatest],
    ["min", (x, axes) => x.min(axes), least],
    ["argMax", (x, axes) => ct.argMax(x, axes), (row) => placeOf(row, greatest(row))],
    ["argMin", (x, axes) => ct.argMin(x, axes), (row) => placeOf(row, least(row))],
    // Of signs alone, whose product is exact.
    [
      "prod",
      (x, axes) => x.sign().add(0.5).sign().prod(axes),
      (row) => (-1) ** row.filter((v) => v < 0).length,
    ],
    [
      "any",
      (x, axes) => ct.any(x.less(-2), axes).cast("float32"),
      (row) => Number(row.some((v) => v < -2)),
    ],
    [
      "all",
      (x, axes) => ct.all(x.less(4), axes).cast("float32"),
      (row) => Number(row.every((v) => v < 4)),
    ],
  ];

  const wholeNumbers = (n: number, seed: number) =>
    [...numbers(n, seed)].map((v) => Math.round(2 * v) || 0);

  test.each(shapes)("reductions of %o along %o", async (shape, axes) => {
    const data = wholeNumbers(size(shape), 1);
    const f = ct.compile((x: Tensor) => reductions.map(([, reduce]) => reduce(x, axes)));
    const rows = rowsOf(data, shape, axes);
    const found = await Promise.all(f(ct.tensor(data, shape)).map((y) => y.data()));
    reductions.forEach(([name, , expected], i) => {
      expect([...found[i]], name).toEqual(rows.map(expected));
    });
  });

  test("integers", async () => {
    for (const [shape, axes] of shapes.slice(-3)) {
      const data = wholeNumbers(size(shape), 2).map((v) => v - 2 ** 30);
      const f = ct.compile((x: Tensor) => [x.max(axes), ct.argMin(x, axes), x.prod(axes)]);
      const rows = rowsOf(data, shape, axes);
      const ys = f(ct.tensor(data, shape, { dtype: "int32" }));
      const [highest, places, products] = await Promise.all(ys.map((y) => y.data()));
      expect([...highest]).toEqual(rows.map(greatest));
      expect([...places]).toEqual(rows.map((row) => placeOf(row, least(row))));
      expect([...products]).toEqual(rows.map((row) => row.reduce((a, b) => Math.imul(a, b), 1)));
    }
  });

  test("NaN, the infinities and rows of nothing else come through; of equals the first is chosen", async () => {
    const n = 37;
    const cases = [
      [36, NaN],
      [0, NaN],
      [36, Infinity],
      [20, -Infinity],
    ].map(([at, v]) => Array.from({ length: n }, (_, i) => (i === at ? v : (i * i) % 7)));
    cases.push(
      new Array<number>(n).fill(-Infinity),
      new Array<number>(n).fill(Infinity),
      new Array<number>(n).fill(NaN),
      Array.from({ length: n }, (_, i) => (i % 9 === 8 ? NaN : i)),
      Array.from({ length: n }, (_, i) => (i > 30 ? -Infinity : Infinity)),
    );
    for (const data of cases) {
      const f = ct.compile((x: Tensor) => [x.max(), x.min(), x.sum(), ct.argMax(x), ct.argMin(x)]);
      const got = await Promise.all(f(ct.tensor(data)).map((y) => y.item()));
      const [high, low] = [greatest(data), least(data)];
      const sum = data.reduce((a, b) => a + b);
      expect(got).toEqual([high, low, sum, placeOf(data, high), placeOf(data, low)]);
    }
  });

  test("what is made of several folds, and its gradient", async () => {
    const programs: ((x: Tensor) => Tensor)[] = [
      (x) => x.softmax(-1).square().sum(),
      (x) => x.norm().mul(x.max()),
      (x) => x.logSumExp(-1).mean(),
    ];
    const x = ct.tensor(numbers(3 * 41, 3), [3, 41]);
    for (const f of programs) {
      const both = ct.compile((a: Tensor) => [f(a), ct.grad(f)(a)]);
      const validation = await both.validate(x);
      expect(validation.worst!.ulps, String(validation)).toBeLessThan(64);
    }
  });
});
