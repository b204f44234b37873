import {
  argSort,
  compile,
  gather,
  grad,
  init,
  jvp,
  scatterAdd,
  scatterAddAlongAxis,
  sum,
  takeAlongAxis,
  tensor,
  valueAndGrad,
  zeros,
  type Shape,
  type Tensor,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { backends } from "../backends.ts";
import { randomOf } from "../graphs/agreement.ts";

const sizeOf = (shape: Shape) => shape.reduce((n, d) => n * d, 1);

/** Whole numbers from a range, so that sums are exact in any order. */
function integers(size: number, low: number, high: number, seed: number): Int32Array {
  const random = randomOf(seed);
  return Int32Array.from({ length: size }, () => low + Math.floor(random() * (high - low)));
}

/** Updates [outer, count, inner] added up at indices, one list or as many as there are updates, from the definition. */
function expected(
  updates: ArrayLike<number>,
  indices: ArrayLike<number>,
  [outer, count, inner]: Shape,
  length: number,
): number[] {
  const y = Array.from({ length: outer * length * inner }, () => 0);
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < count; j++) {
      for (let i = 0; i < inner; i++) {
        const at = (o * count + j) * inner + i;
        const index = indices.length > count ? indices[at] : indices[j];
        const place = Math.min(Math.max(index, 0), length - 1);
        y[(o * length + place) * inner + i] += updates[at];
      }
    }
  }
  return y;
}

describe.each(backends)("on %s", (backend) => {
  test("slices are added at indices, and elements at theirs", async () => {
    await init({ backend });
    const x = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const at = (data: number[] | number[][]) => tensor(data, { dtype: "int32" });
    const rows = tensor([
      [10, 20],
      [30, 40],
      [50, 60],
    ]);
    expect(await scatterAdd(x, at([2, 0, 2]), rows).array()).toEqual([
      [31, 42],
      [3, 4],
      [65, 86],
    ]);
    const columns = at([
      [0, 0],
      [1, 0],
    ]);
    const updates = tensor([
      [10, 20],
      [30, 40],
    ]);
    expect(await scatterAddAlongAxis(x, columns, updates, 1).array()).toEqual([
      [31, 2],
      [43, 34],
      [5, 6],
    ]);
    const numbers = at([7, 8]);
    expect(await scatterAdd(numbers, at([1, 1]), tensor([0.5, 1])).array()).toEqual([7, 9.5]);
    expect(await scatterAdd(numbers, at([]), at([])).array()).toEqual([7, 8]);
    expect(await scatterAdd(zeros([0, 2]), at([]), zeros([0, 2])).array()).toEqual([]);
  });

  // Large enough to be sorted: prime sizes, vectors, blocks of updates of one target, indices out of range.
  test.each([
    ["few for each", [1, 37, 40], 997, 0, 997],
    ["odd sizes", [3, 101, 7], 613, -5, 640],
    ["all alike", [1, 2500, 4], 300, 8, 9],
    ["all beyond", [2, 777, 3], 250, 250, 999],
    ["few targets", [1, 3001, 1], 401, 5, 7],
  ] as const)("many are added up in order: %s", async (_, shape, length, low, high) => {
    await init({ backend });
    const [outer, count, inner] = shape;
    const indices = integers(count, low, high, count);
    const updates = integers(sizeOf(shape), -9, 9, 1);
    const f = compile((u: Tensor, i: Tensor) =>
      scatterAdd(zeros([outer, length, inner]), i.add(0), u, 1),
    );
    for (const dtype of ["float32", "int32"] as const) {
      const y = f(tensor(updates, shape).cast(dtype), tensor(indices));
      expect([...(await y.data())]).toEqual(expected(updates, indices, shape, length));
    }
  });

  test.each([
    ["rows", [7, 300, 1], 751],
    ["columns", [1, 90, 33], 400],
    ["between", [3, 64, 5], 1200],
  ] as const)("each has an index of its own: %s", async (_, shape, length) => {
    await init({ backend });
    const indices = integers(sizeOf(shape), -3, length + 3, 2);
    const updates = integers(sizeOf(shape), -9, 9, 3);
    const [outer, , inner] = shape;
    const f = compile((u: Tensor, i: Tensor) =>
      scatterAddAlongAxis(zeros([outer, length, inner]), i.add(0), u, 1),
    );
    const y = f(tensor(updates, shape).cast("float32"), tensor(indices, shape));
    expect([...(await y.data())]).toEqual(expected(updates, indices, shape, length));
    const low = indices.map((i) => Math.max(0, i));
    const unsigned = tensor(Uint32Array.from(low), shape);
    const g = f(tensor(updates, shape).cast("float32"), unsigned);
    expect([...(await g.data())]).toEqual(expected(updates, low, shape, length));
  });

  test("derivatives of looking up are those of adding up, of any order", async () => {
    await init({ backend });
    const [length, count, inner] = [1500, 45, 20];
    const indices = tensor(integers(count, 0, 40, 4));
    const x = tensor(integers(length * inner, -3, 3, 5), [length, inner]).cast("float32");
    const weights = tensor(integers(count * inner, -3, 3, 6), [count, inner]).cast("float32");
    const f = (t: Tensor) => sum(gather(t, indices).pow(3).mul(weights));
    const slopes = async (t: Tensor) => [...(await t.data())];
    const rows = gather(x, indices);
    const sums = (u: Tensor) => scatterAdd(zeros([length, inner]), indices, u);
    expect(await slopes(grad(f)(x))).toEqual(await slopes(sums(rows.square().mul(weights).mul(3))));
    const second = grad((t: Tensor) => grad(f)(t).mul(x).sum())(x);
    expect(await slopes(second)).toEqual(await slopes(sums(rows.square().mul(weights).mul(6))));
    const [, tangent] = jvp((u: Tensor) => sums(u.square()), [weights], [rows]);
    expect(await slopes(tangent)).toEqual(await slopes(sums(weights.mul(rows).mul(2))));
    const order = argSort(x, 0);
    const taken = grad((t: Tensor) => takeAlongAxis(t, order, 0).square().sum())(x);
    expect(await slopes(taken)).toEqual(await slopes(x.mul(2)));
  });
});

test("the gradient of a large table is a few dispatches, and the same every time", async () => {
  await init({ backend: "webgpu" });
  const [length, count, inner] = [50_000, 600, 16];
  const table = zeros([length, inner]);
  const random = randomOf(7);
  const updates = Float32Array.from({ length: count * inner }, () => random() - 0.5);
  const indices = tensor(integers(count, 0, 3, 8));
  const step = compile((t: Tensor, i: Tensor, u: Tensor) => {
    const [loss, slope] = valueAndGrad((w: Tensor) => sum(gather(w, i).mul(u)))(t);
    return [loss, slope.slice([0, 0], [3, inner])];
  });
  const u = tensor(updates, [count, inner]);
  const { dispatches } = step.plan(table, indices, u);
  const scattering = dispatches.filter(({ kernel }) => kernel.startsWith("scatterAdd"));
  expect(scattering.at(-1)!.kernel).toBe("scatterAdd scatter-sums");
  // What it does is in proportion to the table, not to the table times the indices.
  expect(dispatches.reduce((flops, d) => flops + d.flops, 0)).toBeLessThan(20 * length * inner);
  const [, first] = step(table, indices, u);
  const [, again] = step(table, indices, u);
  const exact = expected(updates, await indices.data(), [1, count, inner], 3);
  const got = await first.data();
  expect(await again.data()).toEqual(got);
  got.forEach((v, i) => expect(Math.abs(v - exact[i])).toBeLessThan(1e-4));
});
