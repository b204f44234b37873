import { argSort, grad, init, sort, tensor, topK, type Tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import { randomOf } from "../graphs/agreement.ts";
import { backends } from "../backends.ts";

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
    const device = await init({ backend });
    const row = hardRow(n, n + 1);
    const x = tensor(Float32Array.from(row), [n]);
    for (const descending of [false, true]) {
      const order = orderOf(row, descending);
      const [values, indices] = [sort(x, 0, { descending }), argSort(x, 0, { descending })];
      expect([indices.shape, indices.dtype]).toEqual([[n], "int32"]);
      expect([...(await indices.data())]).toEqual(order);
      expect([...(await values.data())]).toEqual(order.map((i) => row[i]));
      for (const k of new Set([0, Math.min(1, n), Math.min(3, n), Math.floor(n / 2), n])) {
        const [best, places] = topK(x, k, { largest: descending });
        expect([...(await places.data())]).toEqual(order.slice(0, k));
        expect([...(await best.data())]).toEqual(order.slice(0, k).map((i) => row[i]));
      }
    }
    device.dispose();
  });
});
