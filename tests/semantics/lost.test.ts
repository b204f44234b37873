import {
  compile,
  data,
  DeviceLostError,
  fit,
  init,
  nn,
  optim,
  random,
  tensor,
  variable,
  type Device,
  type Tensor,
} from "cotangent";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

// A device that is lost in mid-training costs the steps since the last snapshot.

let device: Device;

beforeEach(async () => {
  device = await init({ backend: "webgpu" });
  for (const level of ["error", "warn"] as const) vi.spyOn(console, level);
});

afterEach(() => {
  const said = [console.error, console.warn].flatMap((f) =>
    vi.mocked(f).mock.calls.flat().map(String),
  );
  vi.restoreAllMocks();
  expect(said.filter((text) => /uncaptured/i.test(text))).toEqual([]);
  device.dispose();
});

/** Takes the device away, and waits until it is known to be gone. */
async function lose(): Promise<void> {
  const { gpu } = device;
  gpu!.destroy();
  await gpu!.lost;
}

/** A training with dropout, a resident set, an optimizer with state, a constant and a variable that is not trained. */
function training() {
  random.seed(8);
  const model = nn.sequential(nn.linear(2, 8), nn.relu(), nn.dropout(0.2), nn.linear(8, 1));
  const optimizer = optim.adam(model.parameters(), { learningRate: 0.01 });
  const x = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i));
  const y = Float32Array.from({ length: 12 }, (_, i) => Math.cos(i));
  const set = data.dataset({ x: tensor(x, [12, 2]), y: tensor(y, [12, 1]) });
  const batches = data.resident(set, { batchSize: 4, shuffle: true, seed: 3 });
  const scale = tensor([[1, 2]]).mul(0.5);
  const running = variable([0, 0], { trainable: false });
  const step = compile(() => {
    const batch = batches.next();
    running.assign(running.mul(0.9).add(batch.x.mean(0)));
    const loss = nn.mse(model.forward(batch.x.mul(scale)), batch.y);
    optimizer.minimize(loss);
    return loss;
  });
  return { model, optimizer, batches, step, running };
}

const steps = async (step: () => Tensor, n: number) => {
  const losses: number[] = [];
  for (let i = 0; i < n; i++) losses.push(await step().item());
  return losses;
};

describe("a lost device", () => {
  test("costs the steps since the snapshot: weights, optimizer, random numbers, position and constants are back", async () => {
    const undisturbed = await steps(training().step, 8);
    const { step } = training();
    expect(await steps(step, 3)).toEqual(undisturbed.slice(0, 3));
    await device.snapshot();
    expect(await steps(step, 2)).toEqual(undisturbed.slice(3, 5));
    await lose();
    expect(await steps(step, 5)).toEqual(undisturbed.slice(3));
  }, 120_000);

  test("rejects pending reads with a DeviceLostError; the next call works", async () => {
    const { step } = training();
    await steps(step, 1);
    await device.snapshot();
    const pending = [step().item(), step().item()];
    device.gpu!.destroy();
    for (const read of pending) await expect(read).rejects.toThrow(DeviceLostError);
    expect(await step().item()).toBeGreaterThan(0);
  });

  test("rejects so too what has not begun, or is half done", async () => {
    const { step } = training();
    await steps(step, 1);
    await device.snapshot();
    const x = tensor([1, 2]);
    const waiting: [string, () => Promise<unknown>][] = [
      ["for kernels", () => x.mul(2).sin().data()],
      ["for a variable", () => variable(x.exp()).data()],
      ["for a profile", () => step.profile()],
      ["for a validation", () => step.validate()],
    ];
    for (const [name, ask] of waiting) {
      const read = ask();
      device.gpu!.destroy();
      await expect(read, name).rejects.toThrow(DeviceLostError);
      expect(await step().item(), name).toBeGreaterThan(0);
      await device.snapshot();
    }
    const many = step.repeat(100_000)();
    const read = many.data();
    await new Promise((resolve) => setTimeout(resolve, 300));
    device.gpu!.destroy();
    await expect(read).rejects.toThrow(DeviceLostError);
    expect(await step().item()).toBeGreaterThan(0);
  });

  test.each(["shaders", "a pipeline", "a submission", "a read"])(
    "whose process dies may break its promise of %s before it says that it is lost",
    async (promise) => {
      const { step } = training();
      await steps(step, 1);
      await device.snapshot();
      const gpu = device.gpu!;
      const breaks = () => {
        setTimeout(() => gpu.destroy(), 20);
        return Promise.reject(new DOMException("A valid external Instance is gone"));
      };
      const asks = {
        shaders: () => {
          vi.spyOn(gpu, "popErrorScope").mockImplementation(breaks);
          return tensor([1, 2]).mul(3).cos().data();
        },
        "a pipeline": () => {
          vi.spyOn(gpu, "createComputePipelineAsync").mockImplementation(breaks);
          return tensor([1, 2]).mul(5).tan().data();
        },
        "a submission": () => {
          vi.spyOn(gpu.queue, "onSubmittedWorkDone").mockImplementation(breaks);
          return step.repeat(100_000)().data();
        },
        "a read": () => {
          vi.spyOn(GPUBuffer.prototype, "mapAsync").mockImplementationOnce(breaks);
          return step().item();
        },
      };
      await expect(asks[promise as keyof typeof asks]()).rejects.toThrow(DeviceLostError);
      vi.restoreAllMocks();
      for (const level of ["error", "warn"] as const) vi.spyOn(console, level);
      expect(await step().item()).toBeGreaterThan(0);
    },
  );

  test("in a loop of one's own costs one rejected read at most", async () => {
    const { step } = training();
    let rejected = 0;
    // Random numbers are drawn, and the state of that is made, after the snapshot only.
    await device.snapshot();
    for (let i = 0; i < 20; i++) {
      if (i === 7) device.gpu!.destroy();
      await step()
        .item()
        .catch((error: unknown) => {
          expect(error).toBeInstanceOf(DeviceLostError);
          rejected++;
        });
    }
    expect(rejected).toBeLessThanOrEqual(1);
  });

  test("takes a lost tensor with it: using it throws, and new ones are fine", async () => {
    const x = tensor([1, 2]).mul(2);
    await x.data();
    const result = compile((v: Tensor) => v.mul(3))(tensor([1, 2]));
    await result.data();
    const lazy = x.add(1);
    await lose();
    for (const lost of [x, result, lazy]) {
      await expect(lost.data()).rejects.toThrow(DeviceLostError);
      await expect(lost.gpuBuffer()).rejects.toThrow(DeviceLostError);
    }
    await expect(x.mul(5).data()).rejects.toThrow(DeviceLostError);
    expect(await tensor([1, 2]).mul(2).array()).toEqual([2, 4]);
  });

  test("without a snapshot variables throw until they are assigned anew", async () => {
    const [w, v] = [variable([1, 2]), variable([3, 4])];
    await w.add(v).data();
    await lose();
    await expect(w.data()).rejects.toThrow(DeviceLostError);
    await expect(w.add(1).data()).rejects.toThrow(DeviceLostError);
    const step = compile(() => w.mul(2));
    await expect((async () => step().data())()).rejects.toThrow(DeviceLostError);
    w.assign(tensor([5, 6]));
    expect(await w.array()).toEqual([5, 6]);
    expect(await step().array()).toEqual([10, 12]);
    await expect(v.data()).rejects.toThrow(DeviceLostError);
  });

  test("without a snapshot a function whose constant is lost says so at every call", async () => {
    const scale = tensor([1, 2]).mul(2);
    await scale.data();
    const scaled = compile((x: Tensor) => x.mul(scale));
    expect(await scaled(tensor([3, 4])).array()).toEqual([6, 16]);
    await lose();
    for (let i = 0; i < 3; i++)
      await expect((async () => scaled(tensor([3, 4])).data())()).rejects.toThrow(DeviceLostError);
  });

  test("variables made after the snapshot are lost, those before are as they were in it", async () => {
    const w = variable([1, 2]);
    w.assign(w.mul(10));
    await device.snapshot();
    w.assign(w.mul(10));
    const v = variable([7]);
    await v.data();
    await lose();
    expect(await w.array()).toEqual([10, 20]);
    await expect(v.data()).rejects.toThrow(DeviceLostError);
  });

  test("variables whose first value was under way have none", async () => {
    const v = variable(tensor([1, 2]).tan().cosh());
    const read = v.data();
    device.gpu!.destroy();
    await expect(read).rejects.toThrow(DeviceLostError);
    await expect((async () => v.data())()).rejects.toThrow(/no snapshot holds it/);
    v.assign(tensor([3, 4]));
    expect(await v.array()).toEqual([3, 4]);
  });

  test("can be lost again", async () => {
    const { step } = training();
    await steps(step, 1);
    await device.snapshot();
    const first = await steps(step, 2);
    for (let i = 0; i < 2; i++) {
      await lose();
      expect(await steps(step, 2)).toEqual(first);
    }
  }, 120_000);

  test("tells when it has been replaced, each time, until nobody wants to know", async () => {
    const w = variable([1, 2]);
    await device.snapshot();
    const told: GPUDevice[] = [];
    const tell = () => void told.push(device.gpu!);
    const ends = [device.onRestored(tell), device.onRestored(tell)];
    const devices = [device.gpu!];
    for (const end of ends) {
      await lose();
      // The values are there when it is told.
      await vi.waitUntil(() => told.includes(device.gpu!));
      expect(await w.array()).toEqual([1, 2]);
      devices.push(device.gpu!);
      end();
      end();
    }
    expect(new Set(devices).size).toBe(3);
    expect(told).toEqual([devices[1], devices[1], devices[2]]);
    await lose();
    expect(await w.array()).toEqual([1, 2]);
    expect(told).toHaveLength(3);
  });

  test("that was disposed is not replaced", async () => {
    const x = tensor([1, 2]).mul(2);
    await x.data();
    const pending = x.add(1).data();
    pending.catch(() => {});
    device.dispose();
    await expect(x.data()).rejects.toThrow("was disposed");
    expect(device.gpu).toBeDefined();
  });

  test("fit goes on by itself", async () => {
    random.seed(2);
    const x = Float32Array.from({ length: 200 }, (_, i) => Math.sin(i));
    const y = Float32Array.from({ length: 100 }, (_, i) => Math.sin(2 * i));
    const set = data.dataset({ x: tensor(x, [100, 2]), y: tensor(y, [100, 1]) });
    const model = nn.linear(2, 1);
    const optimizer = optim.adam(model.parameters(), { learningRate: 0.05 });
    let losses = 0;
    const history = await fit(model, set, {
      loss: nn.mse,
      optimizer,
      epochs: 6,
      batchSize: 20,
      onProgress: ({ epoch, step, steps: all }) => {
        if (epoch === 3 && step === all && losses++ === 0) device.gpu!.destroy();
      },
    });
    expect(losses).toBeGreaterThanOrEqual(1);
    expect(history.loss).toHaveLength(6);
    expect(history.loss[5]).toBeLessThan(history.loss[0]);
    expect((await model.weight.data()).every(Number.isFinite)).toBe(true);
  });
});

test("host data that is given again is brought to the next device", async () => {
  const f = compile((x: Tensor) => x.mul(2).sum());
  const x = tensor([1, 2, 3]);
  for (let i = 0; i < 3; i++) expect(await f(x).item()).toBe(12);
  await lose();
  for (let i = 0; i < 3; i++) expect(await f(x).item()).toBe(12);
});

test("what a snapshot was still reading when the device was lost is told of once", async () => {
  const w = variable(tensor(3));
  const scale = tensor([1, 2]).mul(2);
  const step = compile(() => w.mul(scale));
  await step().data();
  const untold: unknown[] = [];
  const listen = (error: unknown) => void untold.push(error);
  process.on("unhandledRejection", listen);
  const pending = device.snapshot();
  await new Promise((resolve) => setImmediate(resolve));
  device.gpu?.destroy();
  await expect(pending).rejects.toThrow(DeviceLostError);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", listen);
  expect(untold).toEqual([]);
});
