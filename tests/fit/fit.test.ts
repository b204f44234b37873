import { data, fit, init, nn, optim, random, tensor, type Progress, type Tensor } from "cotangent";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";

// A processor that stands in for a GPU compiles shaders slowly.
vi.setConfig({ testTimeout: 120_000 });

/** Points of the plane and which of two classes they are of: inside or outside of a circle. */
function circles(n: number) {
  const points = Array.from({ length: n }, (_, i) => {
    const [u, v] = [(i * 0.754877666) % 1, (i * 0.569840296) % 1]; // a plane-filling sequence
    return [4 * u - 2, 4 * v - 2];
  });
  const y = Int32Array.from(points, ([u, v]) => Number(u * u + v * v > 2));
  return data.dataset({ x: tensor(points), y });
}

const network = () => nn.mlp([2, 16, 2], { activation: nn.tanh });

describe.each(backends)("fit on %s", (backend) => {
  beforeEach(async () => {
    await init({ backend });
    random.seed(1);
  });

  test("trains, validates and reports", async () => {
    const [train, held] = circles(250).split(0.8, { seed: 1 });
    const model = network().eval();
    const reports: Progress<"accuracy">[] = [];
    const history = await fit(model, train, {
      loss: nn.softmaxCrossEntropy,
      optimizer: optim.adam(model.parameters(), { learningRate: 0.03 }),
      epochs: 12,
      batchSize: 32,
      validation: held,
      metrics: { accuracy: nn.accuracy },
      onProgress: (p) => reports.push(p),
    });
    expect(history.loss).toHaveLength(12);
    expect(history.validationLoss).toHaveLength(12);
    expect(history.loss[11]).toBeLessThan(history.loss[0] / 2);
    expect(history.metrics.accuracy[11]).toBeGreaterThan(0.9);
    expect(history.validationMetrics.accuracy[11]).toBeGreaterThan(0.85);
    expect([history.aborted, history.stoppedEarly]).toEqual([false, false]);
    const last = reports.at(-1)!;
    expect(last).toMatchObject({ epoch: 12, epochs: 12, step: 7, steps: 7 });
    expect(last.loss).toBe(history.loss[11]);
    expect(last.validationLoss).toBe(history.validationLoss[11]);
    expect(reports.flatMap(({ losses }) => losses)).toHaveLength(12 * 7);
    expect(model.training).toBe(false);
    // The history's figures are those of the model.
    const { x, y } = held.tensors();
    const logits = model.forward(x);
    expect(await nn.softmaxCrossEntropy(logits, y).item()).toBeCloseTo(last.validationLoss!, 5);
    expect(await nn.accuracy(logits, y).item()).toBeCloseTo(last.validationMetrics!.accuracy, 5);
  });

  test("the epoch's loss weighs batches by their sizes", async () => {
    const model = nn.linear(1, 1, { bias: false, weightInit: nn.init.zeros() });
    const y = tensor([1, 1, 1, 1, 5], [5, 1]);
    const history = await fit(model, data.dataset({ x: y, y }), {
      loss: nn.mse,
      optimizer: optim.sgd(model.parameters(), { learningRate: 0 }),
      batchSize: 4,
    });
    expect(history.loss).toEqual([(4 * 1 + 25) / 5]);
  });

  test("follows the seed", async () => {
    const run = async () => {
      random.seed(3);
      const model = nn.linear(2, 2);
      const optimizer = optim.sgd(model.parameters(), { learningRate: 0.1 });
      const options = { loss: nn.softmaxCrossEntropy, optimizer, epochs: 2, batchSize: 16 };
      return (await fit(model, circles(60), options)).loss;
    };
    expect(await run()).toEqual(await run());
  });

  test("a signal ends it between steps", async () => {
    const abort = new AbortController();
    const model = nn.linear(2, 2);
    const history = await fit(model, circles(64), {
      loss: nn.softmaxCrossEntropy,
      optimizer: optim.sgd(model.parameters()),
      epochs: 100,
      batchSize: 16,
      signal: abort.signal,
      onProgress: async ({ epoch, step, steps }) => {
        await Promise.resolve();
        if (epoch === 3 && step === steps) abort.abort();
      },
    });
    expect(history.aborted).toBe(true);
    expect(history.loss).toHaveLength(3);
  });

  test("stops early, and gives the best weights back", async () => {
    const model = nn.linear(1, 1, { bias: false, weightInit: nn.init.constant(2) });
    const x = tensor([[1]]);
    const options = {
      loss: nn.mse,
      // w − 0.75 · 2w: the weight is halved and changes its sign in each step.
      optimizer: optim.sgd(model.parameters(), { learningRate: 0.75 }),
      epochs: 50,
      validation: data.dataset({ x, y: tensor([[0]]) }),
    };
    const history = await fit(model, data.dataset({ x, y: tensor([[0]]) }), {
      ...options,
      earlyStopping: { patience: 3, minDelta: 0.3, restoreBest: true },
    });
    expect(history.validationLoss).toEqual([1, 0.25, 0.0625, 0.015625, 0.00390625]);
    expect(history.stoppedEarly).toBe(true);
    expect(await model.weight.array()).toEqual([[0.5]]);
  });

  test("dropout is on in training and off in validation", async () => {
    const model = nn.sequential(nn.dropout(0.5), nn.linear(2, 2));
    const set = circles(64);
    const history = await fit(model, set, {
      loss: nn.softmaxCrossEntropy,
      optimizer: optim.sgd(model.parameters(), { learningRate: 0 }),
      epochs: 2,
      validation: set,
    });
    expect(history.validationLoss[0]).toBeCloseTo(history.validationLoss[1], 6);
    expect(history.loss[0]).not.toBeCloseTo(history.loss[1], 6);
    expect(model.training).toBe(true);
  });

  test("modules that are in evaluation mode where the model is not stay so, and all have their modes again", async () => {
    const model = nn.sequential(nn.dropout(0.5), nn.linear(2, 2));
    const set = circles(64);
    const modes = () => [model.training, model[0].training, model[1].training];
    const train = () =>
      fit(model, set, {
        loss: nn.softmaxCrossEntropy,
        optimizer: optim.sgd(model.parameters(), { learningRate: 0 }),
        epochs: 2,
        validation: set,
      });
    model[0].eval();
    const frozen = await train();
    expect(frozen.loss[1]).toBeCloseTo(frozen.validationLoss[0], 5);
    expect(modes()).toEqual([true, false, true]);
    model.eval()[1].train();
    const whole = await train();
    expect(whole.loss[1]).not.toBeCloseTo(whole.validationLoss[0], 5);
    expect(modes()).toEqual([false, false, true]);
  });

  test("what is asked for wrongly is an error that says so", async () => {
    const model = network();
    const set = circles(8);
    const options = { loss: nn.softmaxCrossEntropy, optimizer: optim.sgd(model.parameters()) };
    const none = data.dataset({ x: tensor(new Float32Array(0), [0, 2]), y: new Int32Array(0) });
    await expect(fit(model, none, options)).rejects.toThrow("the data set has no examples");
    await expect(fit(model, set, { ...options, batchSize: 0 })).rejects.toThrow("got 0");
    await expect(fit(model, set, { ...options, epochs: 1.5 })).rejects.toThrow("got 1.5");
    await expect(fit(network(), set, options)).rejects.toThrow("none of the model's parameters");
    const unreduced = (z: Tensor, y: Tensor) => nn.softmaxCrossEntropy(z, y, { reduction: "none" });
    await expect(fit(model, set, { ...options, loss: unreduced })).rejects.toThrow(
      "fit: the loss has shape [8] and is not a scalar",
    );
    const earlyStopping = { patience: 1, monitor: "validationLoss" as const };
    await expect(fit(model, set, { ...options, earlyStopping })).rejects.toThrow(
      'no "validationLoss" to monitor, only loss',
    );
    const wrong = data.dataset({
      x: tensor([
        [0, 0],
        [0, 0],
      ]),
      y: new Int32Array([0, 2]),
    });
    await expect(fit(model, wrong, options)).rejects.toThrow("label 2 is outside of the 2 classes");
  });
});
