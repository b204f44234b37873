import {
  diag,
  diagonal,
  init,
  inner,
  iota,
  kron,
  outer,
  tensor,
  trace,
  tril,
  triu,
  zeros,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { backends } from "../../backends.ts";

describe.each(backends)("diagonals, triangles and products on %s", (backend) => {
  test("diagonal takes what diag makes, at any offset", async () => {
    await init({ backend });
    const x = iota([3, 4]);
    const taken = {
      "-3": [],
      "-2": [8],
      "-1": [4, 9],
      "0": [0, 5, 10],
      "1": [1, 6, 11],
      "3": [3],
      "4": [],
    };
    for (const [k, expected] of Object.entries(taken)) {
      expect(await diagonal(x, Number(k)).array(), k).toEqual(expected);
    }
    const v = tensor([
      [1, 2],
      [3, 4],
    ]);
    for (const k of [-2, -1, 0, 1, 3]) {
      const made = diag(v, k);
      const n = 2 + Math.abs(k);
      expect(made.shape).toEqual([2, n, n]);
      expect(await diagonal(made, k).array(), `${k}`).toEqual([
        [1, 2],
        [3, 4],
      ]);
      expect(await made.sum().item()).toBe(10);
    }
    expect(await trace(iota([2, 3, 4])).array()).toEqual([15, 51]);
    expect(await diag(tensor([true, false])).array()).toEqual([
      [true, false],
      [false, false],
    ]);
  });

  test("tril and triu keep one side, and nothing of the other reaches them", async () => {
    await init({ backend });
    const x = tensor([
      [1, NaN, Infinity],
      [2, 3, NaN],
      [4, 5, 6],
    ]);
    expect(await tril(x).array()).toEqual([
      [1, 0, 0],
      [2, 3, 0],
      [4, 5, 6],
    ]);
    expect(await triu(x.transpose(), 1).array()).toEqual([
      [0, 2, 4],
      [0, 0, 5],
      [0, 0, 0],
    ]);
    expect(await tril(iota([2, 3]), 1).array()).toEqual([
      [0, 1, 0],
      [3, 4, 5],
    ]);
    expect(await triu(iota([2, 2, 2]).greater(-1), 1).array()).toEqual([
      [
        [false, true],
        [false, false],
      ],
      [
        [false, true],
        [false, false],
      ],
    ]);
  });

  test("inner, outer and kron", async () => {
    await init({ backend });
    const a = tensor([
      [1, 2],
      [3, 4],
    ]);
    const b = tensor([
      [0, 1],
      [-1, 2],
    ]);
    expect(await inner(a, b).item()).toBe(7);
    expect(await outer(a, tensor([1, 10])).array()).toEqual([
      [
        [1, 10],
        [2, 20],
      ],
      [
        [3, 30],
        [4, 40],
      ],
    ]);
    expect(await kron(a, b).array()).toEqual([
      [0, 1, 0, 2],
      [-1, 2, -2, 4],
      [0, 3, 0, 4],
      [-3, 6, -4, 8],
    ]);
    expect(await kron(tensor([1, 2]), tensor([3, 4])).array()).toEqual([3, 4, 6, 8]);
    expect(await kron(tensor([1, 2]), a).array()).toEqual([
      [1, 2, 2, 4],
      [3, 4, 6, 8],
    ]);
    expect(await kron(2, tensor([3, 4])).array()).toEqual([6, 8]);
    expect(kron(zeros([5, 1, 2, 3]), zeros([4, 1, 2])).shape).toEqual([5, 4, 2, 6]);
  });

  test("of nothing there is nothing, or zeros", async () => {
    await init({ backend });
    expect(diagonal(zeros([2, 0, 3])).shape).toEqual([2, 0]);
    expect(await trace(zeros([2, 0, 0])).array()).toEqual([0, 0]);
    expect(await diag(zeros([0]), 2).array()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(diag(zeros([0, 3])).shape).toEqual([0, 3, 3]);
    expect(await inner(zeros([0, 2]), zeros([0, 2])).item()).toBe(0);
    expect(outer(zeros([0]), zeros([3])).shape).toEqual([0, 3]);
    expect(kron(zeros([0, 2]), zeros([3, 1])).shape).toEqual([0, 2]);
    expect(tril(zeros([0, 4])).shape).toEqual([0, 4]);
  });
});
