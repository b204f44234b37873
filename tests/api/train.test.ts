import { compile, data, init, nn, optim, random, tensor, type Tensor } from "cotangent";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";
import { digits } from "./digits.ts";

// Software adapters compile these kernels for seconds.
vi.setConfig({ testTimeout: 180_000 });

describe.each(backends)("training on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
    random.seed(1);
  });

  function network(width = 64) {
    const model = nn.sequential(nn.linear(784, width), nn.relu(), nn.linear(width, 10));
    const optimizer = optim.adam(model.parameters(), { learningRate: 1e-3 });
    return { model, optimizer };
  }

  test("a compiled step in a loop over batches", async () => {
    const { model, optimizer } = network();
    const step = compile((x: Tensor, y: Tensor) => {
      const loss = nn.softmaxCrossEntropy(model.forward(x), y);
      optimizer.minimize(loss);
      return loss;
    });
    const predict = compile((x: Tensor) => model.forward(x).softmax(-1));
    const { images, labels, n } = digits(64);
    const set = data.dataset({ x: tensor(images, [n, 784]), y: labels });

    const losses: number[] = [];
    let i = 0;
    for (let epoch = 0; epoch < 4; epoch++) {
      for (const { x, y } of set.batches(16, { shuffle: true })) {
        const loss = step(x, y);
        if (++i % 2 === 0) losses.push(await loss.item());
      }
    }
    expect(losses.length).toBe(8);
    expect(losses[7]).toBeLessThan(losses[0] / 2);

    const [{ x, y }] = set.batches(16);
    const probabilities = predict(x);
    expect(probabilities.shape).toEqual([16, 10]);
    expect(await nn.accuracy(probabilities, y).item()).toBeGreaterThan(0.9);

    const rate = optimizer.learningRate;
    optimizer.learningRate = 1e-4;
    expect(rate).toBe(1e-3);
    expect(await step(x, y).item()).toBeLessThan(losses[0]);
  });

  test("typed arrays with the shapes of `inputs`", async () => {
    const { model, optimizer } = network();
    const train = (x: Tensor, y: Tensor) => {
      const loss = nn.softmaxCrossEntropy(model.forward(x), y);
      optimizer.minimize(loss);
      return loss;
    };
    const flat = compile(train, { inputs: [[-1, 784], [-1]] });
    const { images, labels } = digits(16);
    const first = await flat(images, labels).item();
    for (let i = 0; i < 5; i++) flat(images, labels);
    expect(await flat(images, labels).item()).toBeLessThan(first);
  });

  test("train() and eval()", async () => {
    const model = nn.sequential(nn.linear(4, 4), nn.dropout(0.5));
    const forward = compile((x: Tensor) => model.forward(x));
    const x = tensor(new Float32Array(32).fill(1), [8, 4]);
    const zeros = async () => (await forward(x).data()).filter((v) => v === 0).length;
    expect(model.training).toBe(true);
    expect(await zeros()).toBeGreaterThan(0);
    model.eval();
    expect(await zeros()).toBe(0);
    model.train();
    expect(await zeros()).toBeGreaterThan(0);
  });

  test("what a step is made of", async () => {
    const { model, optimizer } = network(256);
    const step = compile((x: Tensor, y: Tensor) => {
      const loss = nn.softmaxCrossEntropy(model.forward(x), y);
      optimizer.minimize(loss);
      return loss;
    });
    const { images, labels, n } = digits(16);
    const [x, y] = [tensor(images, [n, 784]), tensor(labels)];
    const text = step.explain(x, y);
    expect(text).toContain("matmul");
    expect(text).toMatch(/\d+ dispatch(es)?, .*flop, peak memory .*B$/);
    expect(step.explain()).toBe(text);

    const plan = step.plan(x, y);
    expect(step.plan()).toEqual(plan);
    expect(plan.dispatches.length).toBeGreaterThan(0);
    if (backend === "webgpu") expect(plan.dispatches.length).toBeLessThanOrEqual(13);
    expect(plan.memory.length).toBe(plan.dispatches.length);
    const ids = new Set(plan.nodes.map((node) => node.id));
    for (const [from, to] of plan.edges) expect(ids.has(from) && ids.has(to)).toBe(true);
    for (const { kernel, ops, wgsl, shapes, flops, bytes } of plan.dispatches) {
      expect([typeof kernel, typeof wgsl, typeof flops, typeof bytes]).toEqual([
        "string",
        "string",
        "number",
        "number",
      ]);
      expect([Array.isArray(ops), Array.isArray(shapes)]).toEqual([true, true]);
    }
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);

    const profile = await step.profile(x, y);
    expect(profile.dispatches.length).toBe(plan.dispatches.length);
    expect(profile.milliseconds).toBeGreaterThan(0);
    expect(["gpu", "host"]).toContain(profile.clock);
    const { traceEvents } = JSON.parse(profile.chromeTrace()) as { traceEvents: object[] };
    expect(traceEvents.length).toBe(plan.dispatches.length);

    const validation = await step.validate(x, y);
    expect(validation.ops.length).toBeGreaterThan(0);
    expect(validation.values.length).toBeGreaterThan(0);
    if (backend === "cpu") expect(validation.worst?.relative).toBe(0);
    expect(validation.worst?.relative).toBeLessThan(1e-4);
    expect(String(validation)).toContain("worst first");
  });

  test("a resident set, and a hundred steps in one submit", async () => {
    const { model, optimizer } = network();
    const { images, labels, n } = digits(64);
    const set = data.dataset({ x: tensor(images, [n, 784]), y: labels });
    const batches = data.resident(set, { batchSize: 16, shuffle: true, seed: 1 });
    const next = compile(() => {
      const { x, y } = batches.next();
      const loss = nn.softmaxCrossEntropy(model.forward(x), y);
      optimizer.minimize(loss);
      return loss;
    });
    const count = backend === "cpu" ? 20 : 100;
    const losses = next.repeat(count)();
    expect(losses.shape).toEqual([count]);
    const values = await losses.data();
    expect(values[count - 1]).toBeLessThan(values[0] / 2);
  });
});
