import { ArgumentError, compile, init, optim, tensor, ValueError, type Tensor } from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

/** The updates since a cycle began and its length, as PyTorch's CosineAnnealingWarmRestarts counts them: one by one. */
function* warmRestarts(count: number, steps: number, growth: number) {
  let [since, length] = [0, steps];
  for (let s = 0; s < count; s++) {
    yield [s, since, length];
    since++;
    if (since >= length) {
      since -= length;
      length *= growth;
    }
  }
}

const updates = (count: number) => tensor(Float64Array.from({ length: count }, (_, s) => s));

describe.each(backends)("cosineRestarts on %s", (backend) => {
  /** The relative error of one rounding; of a few, in what the reference is compared with. */
  const unit = backend === "cpu" ? 2 ** -48 : 2 ** -24;

  beforeAll(async () => {
    await init({ backend });
  });

  test.each([
    [1, 1],
    [7, 1],
    [1, 2],
    [10, 2],
    [13, 3],
    [1, 7],
    [2, 1000],
    [3, 1.5],
    [11, 1.001],
  ])("%d steps that grow by %d are what PyTorch counts", async (steps, growth) => {
    const count = 10_000;
    const rates = optim.cosineRestarts(1, { steps, growth })(updates(count));
    const got = await rates.data<Float64Array>({ dtype: "float64" });
    for (const [s, since, length] of warmRestarts(count, steps, growth)) {
      // A cycle that begins between two updates does so a few roundings of s early or late: a share of its length.
      const share = Number.isInteger(growth) ? 0 : (8 * unit * s) / length;
      if (Math.min(since, length - since) <= share * length) continue;
      const rate = (1 + Math.cos((Math.PI * since) / length)) / 2;
      const bound = 32 * unit + (Math.PI / 2) * share;
      if (!(Math.abs(rate - got[s]) <= bound)) expect(got[s], `update ${s}`).toBe(rate);
    }
  });

  test("the cycles of a long run begin in the right update", async () => {
    // 10 (2ᵏ − 1), up to 3·10⁵
    const begins = Array.from({ length: 16 }, (_, k) => 10 * (2 ** k - 1));
    const rate = optim.cosineRestarts(1, { steps: 10, growth: 2 });
    const first = await rate(tensor(begins)).data();
    const last = await rate(tensor(begins.slice(1).map((s) => s - 1))).data();
    expect(Math.min(...first)).toBeGreaterThan(1 - 1e-6);
    expect(Math.max(...last)).toBeLessThan(0.03);
  });
});

test.each([
  ["linear", false],
  ["linear", true],
  ["cosine", false],
  ["cosine", true],
] as const)(
  "oneCycle, %s, stays at its last rate (three phases: %s)",
  async (shape, threePhases) => {
    await init({ backend: "cpu" });
    const rates = optim.oneCycle(1, { steps: 10, shape, threePhases })(
      tensor([9, 10, 12, 30, 1e6]),
    );
    for (const rate of await rates.data()) expect(rate).toBeCloseTo(4e-6, 9);
  },
);

test("multiStep takes milestones in any order", async () => {
  await init({ backend: "cpu" });
  const rates = optim.multiStep(1, { milestones: [4, 2], factor: 0.5 })(updates(6));
  expect(await rates.array()).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
});

test("cycles that hardly grow take no more nodes than others", async () => {
  await init({ backend: "cpu" });
  const nodesOf = (growth: number) =>
    compile((s: Tensor) => optim.cosineRestarts(1, { steps: 10, growth })(s)).plan(tensor(0)).nodes
      .length;
  expect(nodesOf(1.001)).toBeLessThan(60);
});

const bad = (value: unknown) => value as never;

test.each<[new (message: string) => Error, string, () => unknown]>([
  [ValueError, "constant: rate is a number ≥ 0, got NaN", () => optim.constant(NaN)],
  [ArgumentError, "constant: rate is a number ≥ 0, got string", () => optim.constant(bad("0.1"))],
  [
    ValueError,
    "cosineRestarts: steps is a whole number ≥ 1, got 2.5",
    () => optim.cosineRestarts(1, { steps: 2.5 }),
  ],
  [
    ValueError,
    "cosineRestarts: growth is a number ≥ 1, got 0.5",
    () => optim.cosineRestarts(1, { steps: 10, growth: 0.5 }),
  ],
  [
    ValueError,
    "cosineRestarts: steps is a whole number ≥ 1, got 0",
    () => optim.cosineRestarts(1, { steps: 0, growth: 2 }),
  ],
  [
    ArgumentError,
    "cosine: steps is a whole number ≥ 1, got undefined",
    () => optim.cosine(1, bad({})),
  ],
  [
    ValueError,
    "cosine: final is a number ≥ 0, got -1",
    () => optim.cosine(1, { steps: 2, final: -1 }),
  ],
  [
    ArgumentError,
    "step: factor is a positive number, got string",
    () => optim.step(1, { every: 2, factor: bad("0.5") }),
  ],
  [
    ValueError,
    "step: every is a whole number ≥ 1, got Infinity",
    () => optim.step(1, { every: Infinity }),
  ],
  [
    ValueError,
    "exponential: factor is a positive number, got 0",
    () => optim.exponential(1, { factor: 0 }),
  ],
  [
    ValueError,
    "linearWarmup: rate is a number ≥ 0, got NaN",
    () => optim.linearWarmup(NaN, { steps: 5 }),
  ],
  [
    ValueError,
    "warmupCosine: warmup is a whole number ≥ 0, got 0.5",
    () => optim.warmupCosine(1, { warmup: 0.5, steps: 3 }),
  ],
  [
    ValueError,
    "warmupCosine: steps is more than warmup, got 3 and 3",
    () => optim.warmupCosine(1, { warmup: 3, steps: 3 }),
  ],
  [
    ValueError,
    "inverseSqrt: warmup is a whole number ≥ 1, got 0",
    () => optim.inverseSqrt(1, { warmup: 0 }),
  ],
  [
    ValueError,
    "polynomial: power is a number ≥ 0, got -2",
    () => optim.polynomial(1, { steps: 5, power: -2 }),
  ],
  [
    ValueError,
    "oneCycle: shape is one of cosine, linear, got round",
    () => optim.oneCycle(1, { steps: 5, shape: bad("round") }),
  ],
  [
    ArgumentError,
    "oneCycle: threePhases is a boolean, got string",
    () => optim.oneCycle(1, { steps: 5, threePhases: bad("yes") }),
  ],
  [
    ValueError,
    "oneCycle: rise is a number from 0 to 1, got 30",
    () => optim.oneCycle(1, { steps: 5, rise: 30 }),
  ],
  [
    ValueError,
    "oneCycle: rise 0.1 of 10 steps makes a phase of no updates",
    () => optim.oneCycle(1, { steps: 10, rise: 0.1 }),
  ],
  [
    ValueError,
    "cyclic: mode is one of triangular, triangular2, exponential, got square",
    () => optim.cyclic(0, 1, { mode: bad("square") }),
  ],
  [ValueError, "cyclic: up is a whole number ≥ 1, got 0.5", () => optim.cyclic(0, 1, { up: 0.5 })],
  [
    ValueError,
    "multiStep: initial is a number ≥ 0, got -1",
    () => optim.multiStep(-1, { milestones: [] }),
  ],
  [
    ValueError,
    "multiStep: a milestone is a whole number ≥ 0, got 1.5",
    () => optim.multiStep(1, { milestones: [1, 1.5] }),
  ],
  [
    ArgumentError,
    "multiStep: milestones are a list of numbers of updates, got number",
    () => optim.multiStep(1, { milestones: bad(5) }),
  ],
  [
    ValueError,
    "sequence: 1 schedules have 0 milestones between them, got 1",
    () => optim.sequence([optim.constant(1)], [5]),
  ],
  [
    ValueError,
    "sequence: milestones are in ascending order, got [5, 3]",
    () => optim.sequence([1, 2, 3].map(optim.constant), [5, 3]),
  ],
  [
    ArgumentError,
    "sequence: milestones are a list of numbers of updates, got undefined",
    () => optim.sequence([optim.constant(1)], bad(undefined)),
  ],
  [
    ArgumentError,
    "sequence: schedules are a list, got undefined",
    () => optim.sequence(bad(undefined), []),
  ],
  [
    ArgumentError,
    "sequence: expected a schedule, as optim.constant(0.1), got number",
    () => optim.sequence([bad(0.1)], []),
  ],
])("%o: %s", (Class, message, act) => {
  expect(act).toThrow(Class);
  expect(act).toThrow(new Class(message));
});
