import {
  compile,
  gradients,
  init,
  nn,
  optim,
  random,
  tensor,
  variable,
  type Tensor,
} from "cotangent";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { currentBackend } from "../../src/graph/backend.ts";
import { backends } from "../backends.ts";

describe.each(backends)("optimizers on %s", (backend) => {
  beforeEach(async () => {
    await init({ backend });
    random.seed(1);
  });

  /** A parameter [1, 1] with a step along the gradient [1, 2], and how often it was traced. */
  const slope = (make: (parameters: Parameters<typeof optim.sgd>[0]) => optim.Optimizer) => {
    const w = variable([1, 1]);
    const optimizer = make([w]);
    const traced = { times: 0 };
    const step = compile(() => {
      traced.times++;
      optimizer.minimize(w.mul(tensor([1, 2])).sum());
    });
    return { w, optimizer, step, traced };
  };

  test("a new learning rate makes no new trace, a new schedule does", async () => {
    const { w, optimizer, step, traced } = slope((ps) => optim.sgd(ps, { learningRate: 0.5 }));
    step();
    expect(await w.array()).toEqual([0.5, 0]);
    optimizer.learningRate = 0.25;
    expect(optimizer.learningRate).toBe(0.25);
    step();
    expect(await w.array()).toEqual([0.25, -0.5]);
    expect(traced.times).toBe(1);
    // Two updates have been made, so the rate is 1 · ½².
    optimizer.learningRate = optim.exponential(1, { factor: 0.5 });
    step();
    expect(await w.array()).toEqual([0, -1]);
    step();
    expect(await w.array()).toEqual([-0.125, -1.25]);
    optimizer.learningRate = 0.125;
    step();
    expect(await w.array()).toEqual([-0.25, -1.5]);
    // That of the number serves again.
    expect(traced.times).toBe(2);
  });

  test("outside of compile a step is the same", async () => {
    const compiled = slope((ps) => optim.adam(ps));
    const eager = slope((ps) => optim.adam(ps));
    for (let i = 0; i < 3; i++) {
      compiled.step();
      eager.optimizer.minimize(eager.w.mul(tensor([1, 2])).sum());
    }
    const [a, b] = [await compiled.w.data(), await eager.w.data()];
    a.forEach((v, i) => expect(b[i]).toBeCloseTo(v, 6));
    expect(await eager.optimizer.step.item()).toBe(3);
  });

  test("a parameter that the loss does not depend on stays, but for its decay", async () => {
    const [used, unused] = [variable([1]), variable([4])];
    optim.sgd([used, unused], { learningRate: 0.5, weightDecay: 0.5 }).minimize(used.sum());
    expect(await used.array()).toEqual([0.25]);
    expect(await unused.array()).toEqual([3]);
  });

  test("a schedule gives a scalar: a number is one, anything else is an error", async () => {
    const w = variable(tensor([1, 2]));
    const update = (rate: unknown) =>
      optim.sgd([w], { learningRate: (() => rate) as never }).apply([tensor([1, 1])]);
    for (const rate of [undefined, "0.1", NaN, tensor([0.1, 0.2]), Promise.resolve(0.1)]) {
      expect(() => update(rate)).toThrow(
        "sgd: a learning rate is a number ≥ 0 or a schedule, got ",
      );
    }
    update(0.25);
    expect(await w.array()).toEqual([0.75, 1.75]);
  });

  test("gradients and rates that are variables have the values from before the update", async () => {
    const [rate, v, w] = [variable(0.5), variable([1, 2]), variable([3, 4])];
    const optimizer = optim.sgd([rate, v, w], { learningRate: () => rate });
    optimizer.apply([tensor(1), w, v]);
    expect(await rate.item()).toBe(0);
    expect(await v.array()).toEqual([-0.5, 0]);
    expect(await w.array()).toEqual([2.5, 3]);
  });

  test("reset forgets", async () => {
    const { w, optimizer, step } = slope((ps) => optim.sgd(ps, { learningRate: 1, momentum: 0.5 }));
    const first = async () => {
      w.assign(tensor([1, 1]));
      step();
      return w.array();
    };
    const start = await first();
    expect(await first()).not.toEqual(start);
    optimizer.reset();
    expect(await first()).toEqual(start);
    expect(await optimizer.step.item()).toBe(1);
  });

  test("clipping is part of the step", async () => {
    const byValue = slope((ps) => optim.sgd(ps, { learningRate: 1, clipValue: 1.5 }));
    byValue.step();
    expect(await byValue.w.array()).toEqual([0, -0.5]);
    const byNorm = slope((ps) => optim.sgd(ps, { learningRate: 1, clipNorm: Math.sqrt(5) / 2 }));
    byNorm.step();
    const [a, b] = await byNorm.w.data();
    expect(a).toBeCloseTo(0.5, 5);
    expect(b).toBeCloseTo(0, 5);
  });

  test("gradients that are updated side by side can be read one by one", async () => {
    const model = nn.mlp([2, 15, 15, 3]);
    const optimizer = optim.adam(model.parameters());
    const step = compile((x: Tensor) => {
      const found = gradients(model.forward(x).square().mean(), optimizer.parameters);
      optimizer.apply(found);
      return { norm: optim.globalNorm(found), squares: found.map((g) => g.square().sum()) };
    });
    const { norm, squares } = step(random.normal([8, 2]));
    const sum = (await Promise.all(squares.map((s) => s.item()))).reduce((a, b) => a + b);
    expect(sum).toBeGreaterThan(0);
    expect((await norm.item()) ** 2).toBeCloseTo(sum, 5);
  });

  test("names of the state, as they are saved", () => {
    const ps = [variable([1]), variable([2])];
    const names = (optimizer: optim.Optimizer) => Object.keys(optimizer.namedVariables());
    expect(names(optim.sgd(ps))).toEqual(["step"]);
    expect(names(optim.sgd(ps, { momentum: 0.9 }))).toEqual(["step", "momentum.0", "momentum.1"]);
    expect(names(optim.adam(ps, { amsgrad: true })).filter((name) => name.endsWith(".1"))).toEqual([
      "firstMoment.1",
      "secondMoment.1",
      "largestMoment.1",
    ]);
    const state = Object.values(optim.adam(ps).namedVariables());
    expect(state.some(({ trainable }) => trainable)).toBe(false);
  });

  test("an optimizer made while a function is traced lasts", async () => {
    const w = variable([2]);
    let made: optim.Optimizer | null = null;
    const step = compile(() => {
      made ??= optim.adam([w], { learningRate: 0.5 });
      made.minimize(w.sum());
    });
    step();
    step();
    expect(await made!.step.item()).toBe(2);
    expect(await w.item()).toBeCloseTo(1, 5);
  });
});

const w = variable([1, 2]);

describe.each(backends)("an eager loop on %s", (backend) => {
  const losses = async (steps: number, isRead: (i: number) => boolean) => {
    await init({ backend });
    random.seed(1);
    const model = nn.mlp([2, 8, 1]);
    const optimizer = optim.adam(model.parameters(), { learningRate: 0.1 });
    const [x, y] = [random.normal([16, 2]), random.normal([16, 1])];
    const prepare = vi.spyOn(currentBackend()!, "prepare");
    const values: number[] = [];
    for (let i = 0; i < steps; i++) {
      const loss = nn.mse(model.forward(x), y);
      optimizer.minimize(loss);
      if (isRead(i)) values.push(await loss.item());
    }
    return { values, prepared: prepare.mock.calls.length };
  };

  test("that reads nothing repeats the plan of a step, and computes what one computes that reads each loss", async () => {
    const each = await losses(40, () => true);
    const last = await losses(40, (i) => i === 39);
    expect(last.values[0]).toBe(each.values[39]);
    expect(last.prepared).toBeLessThanOrEqual(each.prepared + 1);
    expect((await losses(20, (i) => i === 19)).prepared).toBe(last.prepared);
  });
});

test.each<[string, () => unknown, string]>([
  [
    "a loss with axes",
    () => optim.sgd([w]).minimize(w.mul(2)),
    "minimize: the loss has shape [2] and is not a scalar; reduce it, as in loss.mean()",
  ],
  ["no parameters", () => optim.sgd([]), "sgd: there are no parameters to train"],
  [
    "a tensor for a parameter",
    () => optim.adam([tensor([1])] as never),
    "parameters are variables in a list",
  ],
  [
    "integers to train",
    () => optim.adam([variable(new Int32Array(2))]),
    "adam: parameters are float32, got int32[2]",
  ],
  ["a negative rate", () => optim.sgd([w], { learningRate: -1 }), "or a schedule, got -1"],
  ["a rate that is no number", () => (optim.sgd([w]).learningRate = NaN), "or a schedule, got NaN"],
  ["a limit of 0", () => optim.sgd([w], { clipNorm: 0 }), "clipNorm is a positive number, got 0"],
  ["too few gradients", () => optim.sgd([w]).apply([]), "sgd: 0 gradients for 1 parameters"],
  [
    "a gradient of another shape",
    () => optim.sgd([w]).apply([tensor([1])]),
    "sgd: gradient 0 has shape [1], its parameter [2]",
  ],
])("%s: an error that says so", (_, make, message) => {
  expect(make).toThrow(message);
});

test("the updates of all parameters are one expression", async () => {
  await init({ backend: "cpu" });
  const model = nn.mlp([4, 5, 3]);
  const optimizer = optim.adam(model.parameters());
  const step = compile((x: Tensor) => optimizer.minimize(model.forward(x).square().mean()));
  const ops = step.plan(tensor([[1, 2, 3, 4]])).nodes.map(({ op }) => op);
  // Scalars are worked out once: one expm1 for each of the two corrections.
  expect(ops.filter((op) => op === "expm1")).toHaveLength(2);
  expect(ops.filter((op) => op === "sqrt")).toHaveLength(1 + model.parameters().length);
});
