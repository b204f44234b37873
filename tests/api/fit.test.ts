import { data, fit, init, nn, optim, random, tensor, type Progress } from "cotangent";
import { describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";
import { digits } from "./digits.ts";

// Software adapters compile these kernels for seconds.
vi.setConfig({ testTimeout: 180_000 });

describe.each(backends)("in one call on %s", (backend) => {
  async function prepare() {
    await init({ backend });
    random.seed(2);
    const { images, labels, n } = digits(100);
    const set = data.dataset({ x: tensor(images, [n, 784]), y: labels });
    const model = nn.sequential(nn.linear(784, 32), nn.relu(), nn.linear(32, 10));
    const optimizer = optim.adam(model.parameters(), { learningRate: 3e-3 });
    return { set, model, optimizer };
  }

  test("fit", async () => {
    const { set, model, optimizer } = await prepare();
    const [train, test] = set.split(0.9, { seed: 1 });
    expect([train.size, test.size]).toEqual([90, 10]);
    const abortController = new AbortController();
    const seen: Progress<"accuracy">[] = [];
    const history = await fit(model, train, {
      loss: nn.softmaxCrossEntropy,
      optimizer,
      epochs: 5,
      batchSize: 30,
      shuffle: true,
      validation: test,
      metrics: { accuracy: nn.accuracy },
      onProgress: (p) => seen.push(p),
      signal: abortController.signal,
    });
    expect(history.loss.length).toBe(5);
    expect(history.loss[4]).toBeLessThan(history.loss[0]);
    expect(history.metrics.accuracy[4]).toBeGreaterThan(0.8);
    expect(history.validationLoss.length).toBe(5);
    expect(history.validationMetrics.accuracy[4]).toBeGreaterThan(0.5);
    expect(history.aborted).toBe(false);
    expect(seen.at(-1)?.epoch).toBe(5);
    expect(seen.flatMap((p) => p.losses).length).toBe(15);
  });

  test("a signal ends it", async () => {
    const { set, model, optimizer } = await prepare();
    const abortController = new AbortController();
    const history = await fit(model, set, {
      loss: nn.softmaxCrossEntropy,
      optimizer,
      epochs: 1000,
      onProgress: () => abortController.abort(),
      signal: abortController.signal,
    });
    expect(history.aborted).toBe(true);
    expect(history.loss.length).toBeLessThan(1000);
  });
});
