import { compile, gradients, init, nn, random, tensor, type Device, type Tensor } from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

const values = async (x: Tensor) => Array.from(await x.data());

describe("cpu and webgpu draw", () => {
  const devices: Device[] = [];

  beforeAll(async () => {
    for (const backend of backends) devices.push(await init({ backend }));
  });

  /** What a function draws on each of the devices, eager and twice compiled. */
  const drawn = async (fn: () => Tensor) =>
    Promise.all(
      devices.map((device) =>
        Promise.all(
          device
            .run(() => {
              random.seed(1234);
              const compiled = compile(fn);
              return [fn(), fn(), compiled(), compiled()];
            })
            .map(values),
        ),
      ),
    );

  test.each<[string, () => Tensor]>([
    ["bits", () => random.bits([5, 7])],
    ["uniform numbers", () => random.uniform([1001])],
    ["uniform numbers in a range", () => random.uniform([1001], { min: -0.3, max: 0.7 })],
    ["uniform numbers near their end", () => random.uniform([1001], { min: 1000, max: 1001 })],
    ["booleans", () => random.bernoulli(0.3, [77])],
    ["permutations", () => random.permutation(100)],
    ["permutations of a prime length", () => random.permutation(97)],
    ["permutations of one", () => random.permutation(1)],
  ])("the same %s", async (_, fn) => {
    const [reference, ...others] = await drawn(fn);
    for (const other of others) expect(other).toEqual(reference);
    const different = new Set(reference.map((draw) => String(draw)));
    expect(different.size).toBe(reference[0].length === 1 ? 1 : 4);
  });

  test("the same normal numbers, to rounding", async () => {
    const [reference, ...others] = await drawn(() => random.normal([1001]));
    for (const other of others)
      reference.forEach((draw, i) =>
        draw.forEach((v, j) =>
          expect(Math.abs(other[i][j] - v)).toBeLessThan(2e-6 + 2e-6 * Math.abs(v)),
        ),
      );
  });
});

describe.each(backends)("draws on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("of a compiled function differ from call to call and repeat after a seed", async () => {
    const draw = compile(() => random.uniform([3]));
    const three = async () => {
      const draws = [draw(), draw(), draw()];
      return Promise.all(draws.map(values));
    };
    random.seed(5);
    const first = await three();
    expect(new Set(first.map(String)).size).toBe(3);
    random.seed(5);
    expect(await three()).toEqual(first);
    random.seed(6);
    expect(await three()).not.toEqual(first);
  });

  test("within one function are independent, and the same in each repetition's place", async () => {
    const draw = compile(() => [random.uniform([2]), random.uniform([2])]);
    random.seed(5);
    const calls = [draw(), draw(), draw()];
    const one = await Promise.all(calls.map(async (both) => Promise.all(both.map(values))));
    expect(new Set(one.flat().map(String)).size).toBe(6);
    random.seed(5);
    const repeated = await Promise.all(draw.repeat(3)().map(values));
    expect(repeated).toEqual([0, 1].map((k) => one.flatMap((both) => both[k])));
  });

  test("after a seed in a compiled function repeat in every call of it", async () => {
    const draw = () => random.uniform([3]);
    random.seed(5);
    const seeded = await values(compile(draw)());
    const f = compile(() => {
      const before = draw();
      random.seed(5);
      const first = draw();
      random.seed(5);
      return { before, first, second: draw(), third: draw() };
    });
    random.seed(1);
    const calls = [f(), f(), f()];
    const next = await values(compile(draw)());
    const before = await Promise.all(calls.map((call) => values(call.before)));
    // What comes before the seed goes on from where it was: in the first call from the seed outside, then from this one.
    expect(new Set(before.map(String)).size).toBe(2);
    const third = await values(calls[0].third);
    expect(third).not.toEqual(seeded);
    for (const call of calls) {
      expect(await values(call.first)).toEqual(seeded);
      expect(await values(call.second)).toEqual(seeded);
      expect(await values(call.third)).toEqual(third);
    }
    expect(next).not.toEqual(seeded);
    expect(await values(f.repeat(3)().first)).toEqual([seeded, seeded, seeded].flat());
    f();
    const eager = await values(draw());
    random.seed(5);
    expect(await values(draw())).toEqual(eager);
  });

  test("start values of modules repeat after a seed", async () => {
    const weights = async () => values(nn.linear(3, 2).weight);
    random.seed(9);
    const first = await weights();
    expect(await weights()).not.toEqual(first);
    random.seed(9);
    expect(await weights()).toEqual(first);
  });

  test("of a lazy tensor are drawn once, whenever it is read", async () => {
    random.seed(3);
    const x = random.uniform([4]);
    random.uniform([4]);
    const both = x.sub(x);
    expect(await values(both)).toEqual([0, 0, 0, 0]);
    const first = await values(x);
    expect(await values(x)).toEqual(first);
    random.seed(3);
    expect(await values(random.uniform([4]))).toEqual(first);
  });

  test.each([
    [1000, 1001],
    [-1001, -1000],
    [0.1, 0.7],
    [-3, 1],
    [-1000, 0],
    [1, 1 + 2 ** -22],
    [1e8, 1e8 + 16],
    [-1e38, 1e38],
  ])("uniform numbers from [%d, %d) are all of them less than the end", async (min, max) => {
    const [least, end] = [Math.fround(min), Math.fround(max)];
    for (const bounds of [
      { min, max },
      { min: tensor(min), max: tensor([max]) },
    ]) {
      random.seed(1);
      const u = await random.uniform([2 ** 16], bounds).data();
      expect(u.filter((v) => !(v >= least && v < end))).toEqual(new Float32Array());
    }
  });

  test("uniform numbers from a range that holds none are its start", async () => {
    expect(await values(random.uniform([3], { min: 5, max: 5 }))).toEqual([5, 5, 5]);
    const max = 1 + 2 ** -23;
    expect(new Set(await values(random.uniform([99], { min: 1, max })))).toEqual(new Set([1]));
  });

  test("ends of uniform numbers have gradients", async () => {
    const [min, max] = [tensor(1000), tensor(1001)];
    const u = random.uniform([64], { min, max });
    const [byMin, byMax] = gradients(u.sum(), [min, max]);
    expect((await byMin.item()) + (await byMax.item())).toBeCloseTo(64, 3);
    const sum = (await values(u)).reduce((s, v) => s + v - 1000, 0);
    expect(await byMax.item()).toBeCloseTo(sum, 1);
  });

  test("uniform numbers are below their limit, and evenly spread", async () => {
    random.seed(1);
    const u = await values(random.uniform([20_000], { min: -1, max: 3 }));
    expect(Math.min(...u)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...u)).toBeLessThan(3);
    expect(u.reduce((a, b) => a + b) / u.length).toBeCloseTo(1, 1);
  });
});
