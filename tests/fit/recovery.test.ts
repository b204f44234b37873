import { data, fit, init, nn, optim, random, tensor, variable, type Tensor } from "cotangent";
import { expect, test, vi } from "vitest";

// A processor that stands in for a GPU compiles shaders slowly.
vi.setConfig({ testTimeout: 120_000 });

/** Points on a line. */
const line = () => {
  const x = Float32Array.from({ length: 64 }, (_, i) => i / 32 - 1);
  const y = x.map((v) => 3 * v - 1);
  return data.dataset({ x: tensor(x, [64, 1]), y: tensor(y, [64, 1]) });
};

async function train(loseAt: number | null) {
  const device = await init({ backend: "webgpu" });
  random.seed(1);
  const model = nn.linear(1, 1);
  let reports = 0;
  const history = await fit(model, line(), {
    loss: nn.mse,
    optimizer: optim.adam(model.parameters(), { learningRate: 0.1 }),
    epochs: 8,
    batchSize: 16,
    seed: 5,
    snapshotEvery: 0,
    onProgress: () => {
      if (++reports === loseAt) device.gpu!.destroy();
    },
  });
  return { history, weights: [await model.weight.item(), await model.bias!.item()] };
}

test("fit goes on by itself when the device is lost, as if nothing had happened", async () => {
  const undisturbed = await train(null);
  const disturbed = await train(5);
  expect(disturbed.history).toEqual(undisturbed.history);
  expect(disturbed.weights).toEqual(undisturbed.weights);
});

test.each([
  ["one after the other", [3, 4]],
  ["before the first step is compiled", [0, 1]],
])("fit goes on by itself when two devices are lost, %s", async (_, lost) => {
  const device = await init({ backend: "webgpu" });
  const w = variable([[0]]);
  const model = new (class extends nn.Module {
    w = w;
    forward = (x: Tensor) => x.matmul(w);
  })();
  const set = line();
  const rows = set.rows.bind(set);
  let batches = 0;
  // The device goes when a batch is asked for, in the middle of a group of steps.
  vi.spyOn(set, "rows").mockImplementation((...range) => {
    if (lost.includes(batches++)) device.gpu!.destroy();
    return rows(...range);
  });
  const history = await fit(model, set, {
    loss: nn.mse,
    optimizer: optim.sgd([w], { learningRate: 0.5 }),
    epochs: 4,
    batchSize: 16,
    seed: 5,
  });
  expect(history.loss).toHaveLength(4);
  expect(await w.item()).toBeCloseTo(3, 0);
  device.dispose();
});
