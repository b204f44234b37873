import { compile, init, nn, random, type Device, type Tensor } from "cotangent";
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

  test("uniform numbers are below their limit, and evenly spread", async () => {
    random.seed(1);
    const u = await values(random.uniform([20_000], { min: -1, max: 3 }));
    expect(Math.min(...u)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...u)).toBeLessThan(3);
    expect(u.reduce((a, b) => a + b) / u.length).toBeCloseTo(1, 1);
  });
});
