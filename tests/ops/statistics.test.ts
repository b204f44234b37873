import { beforeAll, describe, expect, test } from "vitest";
import {
  compile,
  gradients,
  init,
  layerNorm,
  logSumExp,
  norm,
  optim,
  softmax,
  std,
  tensor,
  variance,
  type Tensor,
} from "../../src/index.ts";
import { randomOf } from "../graphs/agreement.ts";
import { backends } from "../backends.ts";

// Where sums and squares of float32 lose what is asked for: large means, large and small elements, equal ones, none.

/** In float64 where that is kept. */
const filled = (n: number, value: number) => Array.from({ length: n }, () => value);

/** n numbers around an offset, float32, with their mean and their deviation in float64. */
function around(offset: number, spread: number, n: number) {
  const random = randomOf(n);
  const x = Float32Array.from({ length: n }, () => offset + spread * (2 * random() - 1));
  return { x, ...spreadOf(x) };
}

/** Mean and deviation in float64. */
function spreadOf(x: Float32Array) {
  const mean = x.reduce((s, v) => s + v, 0) / x.length;
  const deviation = Math.sqrt(x.reduce((s, v) => s + (v - mean) ** 2, 0) / x.length);
  return { mean, deviation };
}

describe.each(backends)("statistics on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test.each([
    [1, 3.3e7],
    [2, 0.1],
    [7, 1234567.1],
    [1000, 1234567.1],
    [1000, 0.1],
    [1000, -3.3e7],
    [1000, 1e20],
    [1000, 1e35],
    [10_007, 1234567.1],
  ])("%d equal elements of %d have no deviation, and no gradient of one", async (n, value) => {
    const x = tensor(filled(n, value));
    const all = (x: Tensor) => {
      const [v, s, y] = [variance(x), std(x), layerNorm(x)];
      const [dv] = gradients(v, [x]);
      const [ds] = gradients(s, [x]);
      return [v, s, y, y.add(1).sub(y), dv, ds];
    };
    const results = n === 7 ? [...all(x), ...compile(all)(x)] : compile(all)(x);
    const values = await Promise.all(results.map(async (y) => new Set(await y.abs().data())));
    values.forEach((found, i) => expect(found).toEqual(new Set([i % 6 === 3 ? 1 : 0])));
  });

  test.each([
    [1e4, 1, 200],
    [1e7, 4, 200],
    [-3e7, 20, 200],
    [1e6, 1, 200],
    [1e25, 1e20, 200],
    [0, 1e20, 200],
    [0, 1e33, 200],
    [0, 1e-25, 200],
    [0, 1, 200],
  ])("around %d within %d they are right to the spread (%d)", async (offset, spread, n) => {
    const { x, mean, deviation } = around(offset, spread, n);
    const all = compile((row: Tensor) => {
      const [s, y] = [std(row), layerNorm(row, 1, { epsilon: 0 })];
      const [ds] = gradients(s, [row]);
      const [dy] = gradients(y.slice([0, 0], [1, 1]).sum(), [row]);
      return [s, std(row, 1, { correction: 1 }), variance(row), y, ds, dy];
    });
    const results = all(tensor(x, [1, n])).map(async (y) => Array.from(await y.data()));
    const [[s], [sample], [v], y, ds, dy] = await Promise.all(results);
    const close = (got: number, wanted: number, size = Math.abs(wanted)) =>
      expect(Math.abs(got - wanted) / size).toBeLessThan(2e-6);
    close(s, deviation);
    close(sample, deviation * Math.sqrt(n / (n - 1)));
    if (deviation > 1e-15 && deviation < 1e15) close(v, deviation ** 2);
    const z = Array.from(x, (xi) => (xi - mean) / deviation);
    z.forEach((zi, i) => {
      close(y[i], zi, 1);
      close(ds[i] * n, zi, 1);
      close(dy[i] * deviation, Number(i === 0) - (1 + z[0] * zi) / n, 1);
    });
  });

  test("a long row is as right as a short one", async () => {
    const { x, mean, deviation } = around(1e6, 1, 20_000);
    const [s, y] = compile((x: Tensor) => [std(x), layerNorm(x, 0, { epsilon: 0 })])(tensor(x));
    expect((await s.item()) / deviation).toBeCloseTo(1, 6);
    for (const [i, v] of (await y.data()).entries()) {
      expect(Math.abs(v - (x[i] - mean) / deviation)).toBeLessThan(2e-6);
    }
  });

  test("the sum of a row may be more than float32 holds", async () => {
    const { x, mean, deviation } = around(1e37, 1e37, 500);
    const row = tensor(x);
    expect((await std(row).item()) / deviation).toBeCloseTo(1, 6);
    const y = await layerNorm(row).data();
    y.forEach((yi, i) => expect(yi).toBeCloseTo((x[i] - mean) / deviation, 5));
  });

  test("an outlier in the first place does no harm to the others", async () => {
    const x = Float32Array.of(1e8, ...Array.from({ length: 999 }, (_, i) => i % 7));
    const { mean, deviation } = spreadOf(x);
    expect((await std(tensor(x)).item()) / deviation).toBeCloseTo(1, 6);
    const y = await layerNorm(tensor(x)).data();
    y.forEach((v, i) => expect((v * deviation) / (x[i] - mean)).toBeCloseTo(1, 5));
  });

  test("epsilon counts as much as it should in rows of any size", async () => {
    for (const size of [1e-25, 1e-3, 1, 1e20]) {
      const [low, high] = await layerNorm(tensor([-size, size]), -1, { epsilon: 1e-6 }).data();
      const wanted = Math.fround(size) / Math.sqrt(size ** 2 + 1e-6);
      expect(high / wanted).toBeCloseTo(1, 6);
      expect(low).toBe(-high);
    }
  });

  test("of nothing the sum of exponentials is 0 and its logarithm −∞", async () => {
    const x = tensor([], [2, 0]);
    const options = { keepDims: true };
    for (const f of [() => logSumExp(x, 1), compile(() => logSumExp(x, 1))]) {
      expect(await f().array()).toEqual([-Infinity, -Infinity]);
    }
    expect(await logSumExp(x, 1, options).array()).toEqual([[-Infinity], [-Infinity]]);
    expect(await logSumExp(tensor([])).item()).toBe(-Infinity);
    expect(softmax(x).shape).toEqual([2, 0]);
    expect(await gradients(logSumExp(x), [x])[0].array()).toEqual([[], []]);
    expect(() => x.max(1)).toThrow("max: [2, 0] has no elements along axes [1]");
  });

  test("a divisor below 0 is 0", async () => {
    const x = tensor([
      [1, 2],
      [3, 3],
    ]);
    for (const correction of [2, 3, 10]) {
      for (const f of [variance, std]) {
        expect(await f(x, 1, { correction }).array()).toEqual([Infinity, NaN]);
      }
    }
    expect(await variance(x, 1, { correction: 1.5 }).array()).toEqual([1, 0]);
    expect(await std(tensor([5]), 0, { correction: 1 }).item()).toBeNaN();
  });

  test.each([
    [[3e20, 4e20], 5e20],
    [[3e-25, 4e-25], 5e-25],
    [[3e37, -4e37], 5e37],
    [[3, -4], 5],
    [[1e-30, 1e30], 1e30],
    [[0, 0], 0],
    [[], 0],
    [[Infinity, 1], Infinity],
    [[-Infinity, 1e30], Infinity],
    [[NaN, 1e30], NaN],
    [[Infinity, NaN], NaN],
  ])("the norm of %j is %d", async (values, wanted) => {
    const x = tensor(values);
    const y = norm(x);
    const both = [await y.item(), await optim.globalNorm([x, tensor([0])]).item()];
    const [dx] = gradients(y, [x]);
    const [global] = gradients(optim.globalNorm([x, tensor([0])]), [x]);
    for (const got of both) {
      if (wanted > 0 && wanted < Infinity) expect(got / wanted).toBeCloseTo(1, 6);
      else expect(got).toBe(wanted);
    }
    if (!Number.isFinite(wanted)) return;
    for (const slopes of [await dx.data(), await global.data()]) {
      slopes.forEach((v, i) => expect(v).toBeCloseTo(wanted === 0 ? 0 : values[i] / wanted, 6));
    }
  });

  test("norms of rows of very different sizes, whole numbers exactly", async () => {
    const x = tensor([
      [1, 2, 2],
      [3e20, 0, 4e20],
      [0, 0, 0],
      [2, 3, 6],
    ]);
    const [a, b, c, d] = await norm(x, 1).data();
    expect([a, c, d]).toEqual([3, 0, 7]);
    expect(b / 5e20).toBeCloseTo(1, 6);
    expect(await norm(x.slice([0], [1]), [0, 1], { keepDims: true }).array()).toEqual([[3]]);
  });

  test("a clip by the global norm keeps the direction of gradients of any size", async () => {
    for (const size of [1e-25, 1, 1e20]) {
      const gs = [tensor([3 * size]), tensor([[4 * size]]), tensor([])];
      expect((await optim.globalNorm(gs).item()) / size).toBeCloseTo(5, 5);
      const [a, b] = optim.clipByGlobalNorm(gs, 2);
      const factor = Math.min(1, 2 / (5 * size + 1e-6));
      expect((await a.item()) / (3 * size * factor)).toBeCloseTo(1, 5);
      expect((await b.item()) / (4 * size * factor)).toBeCloseTo(1, 5);
    }
    expect(await optim.globalNorm([tensor([]), tensor([-2])], { order: Infinity }).item()).toBe(2);
    expect(await optim.globalNorm([tensor([])], { order: Infinity }).item()).toBe(0);
  });
});

// Squares of what lies on a coarse grid end in few patterns of bits: where many are added in turn, roundings add up.
test.each([
  [1e4, 1],
  [1234567.1, 100],
])("around %d within %d rows and columns of any length are right to 8 ulps", async (...at) => {
  await init();
  for (const n of [3, 100, 127, 255, 1000]) {
    // So many that no threads share a row.
    const rows = n < 256 ? 16 : 300;
    const { x } = around(...at, n * rows);
    const wanted = Array.from({ length: rows }, (_, row) =>
      spreadOf(x.subarray(row * n, (row + 1) * n)),
    );
    const of = (x: Tensor, axis: number) => [std(x, axis), layerNorm(x, axis, { epsilon: 0 })];
    const all = compile((x: Tensor) => [...of(x, 1), ...of(x.transpose(), 0)]);
    const [s, y, s0, y0] = await Promise.all(all(tensor(x, [rows, n])).map((t) => t.data()));
    const worst = { std: 0, layerNorm: 0 };
    wanted.forEach(({ mean, deviation }, row) => {
      for (const got of [s[row], s0[row]]) {
        worst.std = Math.max(worst.std, Math.abs(got / deviation - 1));
      }
      for (let i = 0; i < n; i++) {
        const z = (x[row * n + i] - mean) / deviation;
        for (const got of [y[row * n + i], y0[i * rows + row]]) {
          worst.layerNorm = Math.max(worst.layerNorm, Math.abs(got - z));
        }
      }
    });
    expect(worst.std, `std of ${n}`).toBeLessThan(8 * 2 ** -24);
    expect(worst.layerNorm, `layerNorm of ${n}`).toBeLessThan(16 * 2 ** -24);
  }
});
