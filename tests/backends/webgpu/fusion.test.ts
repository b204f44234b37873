import { expect, test } from "vitest";
import * as ct from "../../../src/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { numbers } from "../../graphs/numbers.ts";

// Small programs that were once fused, scheduled or laid out wrongly, each against the reference.

await ct.init();

const sizeOf = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1);

const programs: [name: string, shapes: number[][], f: (...xs: Tensor[]) => unknown][] = [
  [
    "a flip under a reshape",
    [[4, 6, 5]],
    (x) => ct.flip(x.transpose([1, 0, 2]).reshape([4, 30]), 0).add(1),
  ],
  [
    "folds of single elements side by side",
    [[7], [7]],
    (x, y) => [ct.max(ct.argMax(x, []), []), ct.max(ct.argMax(y, []), [])],
  ],
  [
    "a kernel that came to wait for a newer one, behind what reads it",
    [[12], [12]],
    (x, y) => {
      const early = x.exp();
      const reader = ct.flip(early, 0).mul(2);
      const host = y.sin();
      const late = early.add(ct.flip(host, 0)); // joins the kernel of `early`
      // Were this in the kernel of `host`, that would wait for `reader`, `reader` for `late`, and `late` for it.
      return [early, reader, host, late, host.add(ct.flip(reader, 0))];
    },
  ],
];

test.each(programs)("%s", async (_, shapes, f) => {
  const xs = shapes.map((shape, i) => ct.tensor(numbers(sizeOf(shape), i), shape));
  const validation = await ct.compile(f).validate(...xs);
  expect(validation.worst!.ulps, String(validation)).toBeLessThan(32);
});

test("a long chain becomes several kernels, none of which takes a driver long to compile", async () => {
  const chain = ct.compile((x: Tensor) => {
    let y = x;
    for (let i = 0; i < 100; i++) y = y.sin().add(x);
    return y;
  });
  const x = ct.tensor(numbers(64, 1), [64]);
  for (const { wgsl } of chain.plan(x).dispatches) {
    expect(wgsl.match(/\bsinf\(/g)!.length).toBeLessThan(70);
  }
  const validation = await chain.validate(x);
  expect(validation.worst!.ulps, String(validation)).toBeLessThan(32);
});

// The functions are printed for four columns and, but for quads of lanes, for four rows.
test("a long epilogue of a product is printed no more often than a chain of its own would be", async () => {
  const chain = ct.compile((x: Tensor) => {
    let y = x.matmul(x);
    for (let i = 0; i < 12; i++) y = y.sin().add(x);
    return y;
  });
  const x = ct.tensor(numbers(16 * 16, 1), [16, 16]);
  for (const { wgsl } of chain.plan(x).dispatches) {
    const rows = /^ +storeBlock\(batch/m.test(wgsl) ? 4 : 1;
    expect(rows * [...wgsl.matchAll(/\bsinf\(v/g)].length).toBeLessThan(70);
  }
  const validation = await chain.validate(x);
  expect(validation.worst!.ulps, String(validation)).toBeLessThan(32);
});

test("what one op reads at several places is not computed anew for each of them", () => {
  // Nine turns y ← y + (y moved along): 512 terms each, if none were stored.
  const sums = ct.compile((x: Tensor) => {
    let y = x;
    for (let by = 1; by < 300; by *= 2) {
      const before = ct.slice(y, [0, 0], [3, 300 - by]);
      y = y.add(
        ct.pad(before, [
          [0, 0],
          [by, 0],
        ]),
      );
    }
    return y.square();
  });
  const { dispatches } = sums.plan(ct.zeros([3, 300]));
  expect(Math.max(...dispatches.map(({ wgsl }) => wgsl.length))).toBeLessThan(12_000);
});

// As a tree, the expression has 2⁵⁰ leaves.
test("a value that is made of itself twice, again and again, is planned as fast as a chain", async () => {
  const x = ct.variable(ct.ones([3, 4]));
  const step = ct.compile(() => {
    let y: Tensor = x;
    for (let i = 0; i < 50; i++) y = y.add(y).mul(0.5);
    x.assign(y.add(1));
    return y.sum(1);
  });
  expect(await step().array()).toEqual([4, 4, 4]);
  expect(await x.array()).toEqual(Array.from({ length: 3 }, () => [2, 2, 2, 2]));
});

test("what is put together of many pieces compiles as fast as of few", async () => {
  const stacked = ct.compile((x: Tensor) =>
    ct.stack(Array.from({ length: 30 }, (_, i) => x.mul(i + 1).sin())).sum(),
  );
  const sines = Array.from({ length: 30 }, (_, i) => Math.sin(0.5 * (i + 1)));
  const expected = sines.reduce((a, b) => a + b);
  expect(await stacked(ct.tensor([0.5])).item()).toBeCloseTo(expected, 4);

  const joined = ct.compile((...xs: Tensor[]) =>
    ct
      .concat(xs)
      .mul(ct.iota([40]))
      .sum(),
  );
  const parts = Array.from({ length: 8 }, (_, i) => ct.tensor([1, 2, 3, 4, i]));
  const all = Array.from({ length: 40 }, (_, k) => k * (k % 5 < 4 ? (k % 5) + 1 : (k - 4) / 5));
  expect(await joined(...parts).item()).toBe(all.reduce((a, b) => a + b));
});

test.each([
  [[2 ** 20], [0]],
  [[1_000_003], [0]],
  [[3, 2 ** 18], [1]],
  [[2 ** 18, 3], [0]],
  [
    [5000, 2, 100],
    [0, 2],
  ],
])("the sum of %o along %o is as exact as sums in blocks are", async (shape, axes) => {
  // 0.1 as a float32: nothing but 0.1 added in turn is off by thousands of units in the last place.
  const x = ct.full(shape, 0.1).add(ct.zeros(shape));
  const total = ct.compile((y: Tensor) => y.sum(axes));
  const terms = axes.reduce((n, axis) => n * shape[axis], 1);
  for (const got of await total(x).data()) {
    expect(Math.abs(got / (terms * Math.fround(0.1)) - 1)).toBeLessThan(16 * 2 ** -23);
  }
});

test("a fold over the first rows only of what a kernel folds has a kernel to itself", async () => {
  const x = ct.tensor(numbers(80, 1), [10, 8]);
  const f = (y: Tensor) => {
    const sums = y.sum(1, { keepDims: true });
    return [
      sums,
      y
        .slice([0, 0], [5, 8])
        .sub(sums.slice([0, 0], [5, 1]))
        .sum(1),
    ];
  };
  const [sums, rest] = await Promise.all(
    ct
      .compile(f)(x)
      .map((y) => y.data()),
  );
  expect(rest).toHaveLength(5);
  rest.forEach((value, i) => expect(value).toBeCloseTo(-7 * sums[i], 4));
});

test("what a value reads does not depend on what others read of a shorter part", async () => {
  const x = ct.tensor([[1], [2], [3]]);
  const f = ct.compile((y: Tensor) => {
    const joined = ct.concat([y, y.neg().tanh(), y], 0);
    return [joined.neg().slice([0, 0], [2, 1]), joined.abs()];
  });
  const [first, all] = await Promise.all(f(x).map((y) => y.data()));
  expect([...first]).toEqual([-1, -2]);
  [1, 2, 3, Math.tanh(1), Math.tanh(2), Math.tanh(3), 1, 2, 3].forEach((value, i) =>
    expect(all[i]).toBeCloseTo(value, 6),
  );
});
