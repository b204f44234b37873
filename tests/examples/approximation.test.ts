import { full, init, linspace, random, tensor, type Tensor } from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { byPieces, errorByPieces, indicator } from "../../examples/approximation/pieces.ts";
import { errorAt, grid, SumOfSigmoids, train } from "../../examples/approximation/sigmoids.ts";
import { inPlane, onLine } from "../../examples/approximation/targets.ts";

beforeAll(async () => {
  await init({ backend: "cpu" });
});

describe("by pieces", () => {
  test("three sigmoids are the indicator of an interval", async () => {
    const x = tensor([-2, -0.51, -0.49, 0, 0.24, 0.26, 3]);
    const inside = await indicator(x, tensor(-0.5), tensor(0.25), 1e4).data();
    [0, 0, 1, 1, 1, 0, 0].forEach((v, i) => expect(inside[i]).toBeCloseTo(v, 6));
    const edges = await indicator(tensor([-0.5, 0.25]), tensor(-0.5), tensor(0.25), 1e4).data();
    edges.forEach((v) => expect(v).toBeCloseTo(0.5, 5));
  });

  test("the pieces cover the interval: a constant is met exactly, on inner edges too", async () => {
    const cut = { low: 0, high: 2, pieces: 8 };
    const constant = (x: Tensor) => full(x.shape, 3);
    const values = await byPieces(constant, linspace(0.01, 1.99, 199), cut).data();
    values.forEach((v) => expect(v).toBeCloseTo(3, 4));
  });

  test("the error is max|f′| times the length of a piece at most, and falls with it", async () => {
    const errorOf = (pieces: number) => errorByPieces(onLine, { low: -1, high: 1, pieces }, 999);
    const errors = await Promise.all([16, 32, 64, 128].map(errorOf));
    // |f′| = |6 cos 6x + ½| ≤ 6.5
    errors.forEach((error, i) => expect(error).toBeLessThan((6.5 * 2) / (16 * 2 ** i)));
    // Of a line it is just that.
    const line = await errorByPieces((x) => x.mul(3), { low: -1, high: 1, pieces: 10 }, 999);
    expect(line).toBeGreaterThan(0.59);
    expect(line).toBeLessThan(0.6);
    expect(errors[3]).toBeLessThan(errors[0] / 6);
  });
});

test("a grid", async () => {
  expect(await grid(1, 3).array()).toEqual([[-1], [0], [1]]);
  expect(await grid(2, 2).array()).toEqual([
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ]);
});

test.each<[string, number, (x: Tensor) => Tensor]>([
  ["on a line", 1, (x) => onLine(x.squeeze(1))],
  ["in the plane", 2, inPlane],
])("a trained sum of sigmoids, %s: the more of them, the nearer", async (_, d, f) => {
  const x = grid(d, d === 1 ? 24 : 7);
  const others = grid(d, 11);
  const trained = async (n: number) => {
    random.seed(1);
    const sum = new SumOfSigmoids(d, n);
    const before = await errorAt(sum, f, others);
    const losses = Array.from(await train(sum, f, x, 500));
    return { before, losses, after: await errorAt(sum, f, others) };
  };
  const [few, many] = [await trained(2), await trained(12)];
  expect(many.losses.at(-1)).toBeLessThan(many.losses[0] / 100);
  expect(many.after).toBeLessThan(few.after / 4);
  expect(many.after).toBeLessThan(0.08);
  expect(many.after).toBeLessThan(many.before / 5);
});
