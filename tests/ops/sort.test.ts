import {
  argSort,
  compile,
  grad,
  gradients,
  init,
  jvp,
  sort,
  stack,
  tensor,
  topK,
  type Dtype,
  type Shape,
  type Tensor,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { backends } from "../backends.ts";
import { randomOf } from "../graphs/agreement.ts";

/** Where the elements of a row in order come from: NaN last, ties by place. */
function orderOf(row: readonly number[], descending: boolean): number[] {
  const rank = (v: number) => (Number.isNaN(v) ? Infinity : 0);
  return row
    .map((_, i) => i)
    .toSorted((i, j) => {
      const [a, b] = [row[i], row[j]];
      if (rank(a) !== rank(b)) return rank(a) - rank(b);
      if (a === b || Number.isNaN(a)) return i - j;
      return a < b === descending ? 1 : -1;
    });
}

/** Numbers of which many are equal, with zeros of both signs, infinities and NaN among them. */
function hardRow(n: number, seed: number): number[] {
  const random = randomOf(seed);
  const special = [0, -0, Infinity, -Infinity, NaN, 1, 1];
  return Array.from({ length: n }, () =>
    random() < 0.4 ? special[Math.floor(random() * special.length)] : Math.floor(random() * n) / 4,
  );
}

describe.each(backends)("on %s", (backend) => {
  test.each([0, 1, 2, 3, 5, 17, 100, 1000])("rows of %i are sorted", async (n) => {
    await init({ backend });
    const row = hardRow(n, n + 1);
    const x = tensor(Float32Array.from(row), [n]);
    for (const descending of [false, true]) {
      const order = orderOf(row, descending);
      const all = compile((t: Tensor) => [
        sort(t, 0, { descending }),
        argSort(t, 0, { descending }),
      ]);
      const some = compile((t: Tensor) => topK(t, Math.ceil(n / 5), { largest: descending }));
      for (const [[values, indices], k] of [
        [all(x), n],
        [some(x), Math.ceil(n / 5)],
      ] as const) {
        expect([values.shape, indices.shape, indices.dtype]).toEqual([[k], [k], "int32"]);
        expect([...(await indices.data())]).toEqual(order.slice(0, k));
        expect([...(await values.data())]).toEqual(order.slice(0, k).map((at) => row[at]));
      }
    }
  });

  test("any axis of any shape, and integers with the extremes of their dtype", async () => {
    await init({ backend });
    const extremes = { int32: [-(2 ** 31), 2 ** 31 - 1], uint32: [0, 2 ** 32 - 1], float32: [] };
    const cases: [Shape, number, Dtype & keyof typeof extremes][] = [
      [[3, 5, 4], 1, "int32"],
      [[6, 7], 0, "uint32"],
      [[2, 3], -1, "float32"],
      [[2, 0, 3], 1, "float32"],
      [[0, 4], 1, "int32"],
      [[1, 2, 1, 2, 1, 3, 1, 2], 5, "float32"],
    ];
    for (const [i, [shape, axis, dtype]] of cases.entries()) {
      const size = shape.reduce((n, d) => n * d, 1);
      const random = randomOf(i + 1);
      const values = Array.from({ length: size }, () => Math.floor(random() * 5));
      if (size > 2) extremes[dtype].forEach((v, k) => (values[2 * k] = v));
      const x = tensor(values, { dtype }).reshape(shape);
      const k = Math.min(2, shape.at(axis)!);
      const last = shape.map((_, a) => a).filter((a) => a !== (axis + shape.length) % shape.length);
      const order = [...last, (axis + shape.length) % shape.length];
      const rows = async (y: Tensor, n: number) => {
        const flat = [...(await y.transpose(order).data())];
        return Array.from({ length: n === 0 ? 0 : flat.length / n }, (__, r) =>
          flat.slice(r * n, (r + 1) * n),
        );
      };
      const [best, places] = topK(x, k, { axis });
      const length = shape.at(axis)!;
      const given = await rows(x, length);
      const sorted = given.map((row) => orderOf(row, false));
      const largest = given.map((row) => orderOf(row, true).slice(0, k));
      expect(await rows(argSort(x, axis), length)).toEqual(sorted);
      expect(await rows(places, k)).toEqual(k === 0 ? [] : largest);
      expect(await rows(best, k)).toEqual(
        k === 0 ? [] : largest.map((at, r) => at.map((j) => given[r][j])),
      );
      expect([best.dtype, best.shape]).toEqual([dtype, shape.with(axis, k)]);
    }
  });

  test("gradients go back to where the values come from", async () => {
    await init({ backend });
    const x = tensor([2, NaN, 1, 2]);
    const weights = tensor([1, 10, 100, 1000]);
    const f = (t: Tensor) => sort(t).mul(weights).slice([0], [3]).sum();
    expect(await grad(f)(x).array()).toEqual([10, 0, 1, 100]);
    const top = (t: Tensor) =>
      topK(t, 2)[0]
        .square()
        .mul(tensor([1, 10]))
        .sum();
    expect(await grad(top)(tensor([3, 5, 4])).array()).toEqual([0, 10, 80]);
    expect(await grad((t: Tensor) => grad(top)(t).sum())(tensor([3, 5, 4])).array()).toEqual([
      0, 2, 20,
    ]);
    const [[values, places], [dValues, none]] = jvp(
      (t: Tensor) => topK(t, 2),
      [tensor([3, 5, 4])],
      [tensor([1, 2, 3])],
    );
    expect(await stack([values, dValues]).array()).toEqual([
      [5, 4],
      [2, 3],
    ]);
    expect([await places.array(), none]).toEqual([[1, 2], null]);
  });

  test.each([[211], [40], [1]])("gradients of the first %i of long columns", async (k) => {
    await init({ backend });
    const [rows, n, columns] = [3, 211, 5];
    const random = randomOf(k);
    const numbers = Array.from({ length: rows * n * columns }, () => Math.floor(random() * n));
    const weights = Array.from({ length: k }, (_, i) => i + 1);
    const w = tensor(weights).reshape([k, 1]);
    const x = tensor(numbers).reshape([rows, n, columns]);
    const f = (t: Tensor) => topK(t, k, { axis: 1 })[0].square().mul(w).sum();
    const slopes = Array.from(numbers, () => 0);
    for (let line = 0; line < rows * columns; line++) {
      const at = (i: number) => (Math.floor(line / columns) * n + i) * columns + (line % columns);
      const order = orderOf(
        Array.from({ length: n }, (_, i) => numbers[at(i)]),
        true,
      );
      weights.forEach((weight, i) => (slopes[at(order[i])] = weight));
    }
    const first = await grad(f)(x).data();
    expect([...first]).toEqual(slopes.map((s, i) => 2 * s * numbers[i]));
    const second = grad((t: Tensor) => grad(f)(t).sum())(x);
    expect([...(await second.data())]).toEqual(slopes.map((s) => 2 * s));
  });

  test("results that are read one by one can be differentiated together", async () => {
    await init({ backend });
    const x = tensor([3, 1, 2]);
    const [values, places] = topK(x, 2);
    expect(await values.array()).toEqual([3, 2]);
    expect(await places.array()).toEqual([0, 2]);
    const y = values.mul(places.cast("float32").add(1)).sum();
    expect(await gradients(y, [x])[0].array()).toEqual([1, 0, 3]);
    expect(() => gradients(places.cast("float32").sum(), [x])).toThrow(
      "depends on float32[3] constant only through topK, which has no derivative",
    );
    expect(() => jvp((t: Tensor) => argSort(t).cast("float32"), [x], [x])).toThrow(
      "depends on primal 0 only through sort, which has no derivative",
    );
  });
});

test("a sort is planned once for its results and its gradient", async () => {
  await init({ backend: "webgpu" });
  const x = tensor(new Float32Array(1000), [1000]);
  const step = compile((t: Tensor) => {
    const [slope] = gradients(sort(t).square().sum(), [t]);
    return [sort(t), argSort(t), slope];
  });
  const { dispatches } = step.plan(x);
  // Blocks are sorted once, and merged in turns where a device needs several.
  const sorts = dispatches.filter((d) => d.kernel.startsWith("sort"));
  expect(sorts.filter((d) => !d.kernel.endsWith("sort-merge"))).toHaveLength(1);
  expect(sorts.length).toBeLessThanOrEqual(6);
  expect(dispatches.length).toBeLessThan(10);
  // Its gradient puts each element back, and compares no indices.
  expect(dispatches.some((d) => d.kernel === "scatterAddAlongAxis")).toBe(true);
  expect(dispatches.reduce((flops, d) => flops + d.flops, 0)).toBeLessThan(1e5);
});
