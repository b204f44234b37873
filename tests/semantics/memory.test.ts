import {
  compile,
  DisposedError,
  gradients,
  init,
  nn,
  optim,
  random,
  tensor,
  variable,
  type Device,
  type Tensor,
} from "cotangent";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";
import { collectGarbage } from "./collect.ts";

describe.each(backends)("device.memory() on %s", (backend) => {
  let device: Device;

  beforeEach(async () => {
    device = await init({ backend });
  });

  test("counts what is held", async () => {
    const start = device.memory();
    const x = tensor(new Float32Array(50_000)).add(1);
    await x.data();
    const held = device.memory();
    expect(held.tensors - start.tensors).toBe(1);
    expect(held.bytes - start.bytes).toBeGreaterThanOrEqual(200_000);
    expect(held.buffers).toBeGreaterThan(start.buffers);
    expect(held.peakBytes).toBeGreaterThanOrEqual(held.bytes);
    x.dispose();
    expect(device.memory().tensors).toBe(start.tensors);
    expect(device.memory().peakBytes).toBe(held.peakBytes);
    expect(held.tensors - start.tensors).toBe(1);
  });

  test("large values that are disposed do not pile up, of whatever size", async () => {
    const most: number[] = [];
    for (let i = 0; i < 20; i++) {
      const x = tensor(new Float32Array(200_000 + 5_000 * i)).add(1);
      await x.data();
      x.dispose();
      most.push(device.memory().bytes);
    }
    // Twenty values of about 1 MB each: a few lie idle, beside the arenas of the plans.
    expect(most.at(-1)).toBeLessThan(12e6);
  });

  test("constants of compiled functions are freed with these", async () => {
    const make = async (i: number) => {
      const c = tensor(new Float32Array(20_000).fill(i));
      const f = compile((x: Tensor) => x.add(c));
      await f(tensor(new Float32Array(20_000))).data();
    };
    for (let i = 0; i < 5; i++) {
      await make(i);
      await collectGarbage();
    }
    // The last one may still be on the stack.
    expect(device.memory().tensors).toBeLessThanOrEqual(2);
  });

  test("collected tensors are freed", async () => {
    const make = async () => {
      for (let i = 0; i < 30; i++) await tensor(new Float32Array(20_000)).add(i).data();
    };
    await make();
    await collectGarbage();
    expect(device.memory().tensors).toBeLessThanOrEqual(1);
    const before = device.memory();
    await make();
    await collectGarbage();
    expect(device.memory().bytes).toBeLessThanOrEqual(before.bytes);
  });

  test("variables are freed by dispose and by collection", async () => {
    const start = device.memory().bytes;
    for (let i = 0; i < 12; i++) {
      const w = variable(new Float32Array(50_000));
      await w.data();
      expect(device.memory().bytes - start).toBeGreaterThanOrEqual(200_000);
      w.dispose();
      await collectGarbage();
    }
    expect(device.memory().bytes - start).toBeLessThan(1e6);
    const train = async () => {
      const model = nn.linear(200, 200);
      const optimizer = optim.adam(model.parameters());
      const step = compile((x: Tensor) => {
        const loss = model.forward(x).square().mean();
        optimizer.minimize(loss);
        return loss;
      });
      await step(tensor(new Float32Array(400), [2, 200])).item();
    };
    await train();
    await collectGarbage();
    const once = device.memory().bytes;
    for (let i = 0; i < 5; i++) await train();
    await collectGarbage();
    expect(device.memory().bytes).toBeLessThan(once + 200 * 200 * 4 * 3);
  });

  test("of a training loop stays what it was after the first steps", async () => {
    const model = nn.sequential(nn.linear(4, 8), nn.relu(), nn.linear(8, 2));
    const optimizer = optim.adam(model.parameters());
    const step = compile((x: Tensor, y: Tensor) => {
      const loss = nn.softmaxCrossEntropy(model.forward(x), y);
      optimizer.minimize(loss);
      return loss;
    });
    const x = tensor(new Float32Array(8), [2, 4]);
    const y = tensor(Int32Array.of(0, 1));
    await step(x, y).item();
    const { bytes, buffers } = device.memory();
    for (let i = 0; i < 300; i++) step(x, y).dispose();
    for (let i = 0; i < 20; i++) await step(x, y).item();
    await collectGarbage();
    expect(device.memory().bytes - bytes).toBeLessThanOrEqual(2 ** 17);
    expect(device.memory().buffers - buffers).toBeLessThanOrEqual(2);
  });
});

test("a large value that is disposed of before the next is made costs the host no memory", async () => {
  using device = await init();
  const x = random.normal([1024, 1024]);
  const double = compile((x: Tensor) => x.mul(2));
  const made: number[] = [];
  const Original = ArrayBuffer;
  vi.stubGlobal(
    "ArrayBuffer",
    class extends Original {
      constructor(bytes: number) {
        super(bytes);
        made.push(bytes);
      }
    },
  );
  for (let i = 0; i < 10; i++) {
    const y = double(x);
    await y.slice([0, 0], [1, 1]).data();
    y.dispose();
  }
  vi.unstubAllGlobals();
  expect(made.filter((bytes) => bytes >= 2 ** 20)).toEqual([]);
  expect(device.memory().peakBytes).toBeLessThan(20e6);
});

test("an eager loop over a large variable does not pile up old values", async () => {
  using device = await init();
  const w = variable(random.normal([1024, 1024]));
  for (let i = 0; i < 80; i++) {
    const loss = w.square().sum();
    const [g] = gradients(loss, [w]);
    w.assign(w.sub(g.mul(0.01)));
    await loss.item();
  }
  // 4 MiB each; nobody calls the garbage collector here.
  expect(device.memory().peakBytes).toBeLessThan(200e6);
});

describe.each(backends)("an eager loop on %s", (backend) => {
  let device: Device;

  beforeEach(async () => {
    device = await init({ backend });
  });

  const LOOP = 10_000;

  test("stays flat over 10,000 iterations without an await", async () => {
    const w = variable([1, 2, 3]);
    const turn = () => w.assign(w.mul(0.999).add(0.001));
    for (let i = 0; i < 1000; i++) turn();
    await w.data();
    const before = device.memory();
    for (let i = 0; i < LOOP; i++) turn();
    const [first] = await w.data();
    expect(first).toBeCloseTo(1, 4);
    await collectGarbage();
    const after = device.memory();
    expect(after.bytes - before.bytes).toBeLessThanOrEqual(2 ** 17);
    expect(after.tensors - before.tensors).toBeLessThanOrEqual(2);
  });

  test("stays flat over 10,000 iterations that each read a value", async () => {
    const w = variable([1, 2, 3]);
    const turn = async () => {
      const loss = w.square().sum();
      w.assign(w.mul(0.999));
      await loss.item();
      loss.dispose();
    };
    for (let i = 0; i < 10; i++) await turn();
    const before = device.memory();
    const n = backend === "cpu" ? LOOP : 2000;
    for (let i = 0; i < n; i++) await turn();
    await collectGarbage();
    const after = device.memory();
    expect(after.bytes - before.bytes).toBeLessThanOrEqual(2 ** 20);
    expect(after.tensors - before.tensors).toBeLessThanOrEqual(2);
  });

  test("of a chain that no variable breaks is evaluated on the way", async () => {
    let x = tensor([0, 1]);
    for (let i = 0; i < LOOP; i++) x = x.add(1);
    expect(await x.array()).toEqual([LOOP, LOOP + 1]);
    expect(device.memory().tensors).toBeLessThan(20);
  });
});

describe("the traces of a compiled function", () => {
  test("that were not used for longest go when there are many", async () => {
    await init({ backend: "cpu" });
    const traced: number[] = [];
    const f = compile((x: Tensor) => {
      traced.push(x.size);
      return x.mul(2);
    });
    for (let n = 1; n <= 256; n++) f(new Float32Array(n));
    f(new Float32Array(1));
    f(new Float32Array(257));
    expect(traced).toHaveLength(257);
    // Of two elements: that trace had to go.
    for (const n of [1, 3, 2]) f(new Float32Array(n));
    expect(traced.slice(257)).toEqual([2]);
  });

  test.each(backends)("go with a device, %s", async (backend) => {
    const marks: WeakRef<() => number>[] = [];
    const f = compile((x: Tensor) => {
      const mark = () => 0;
      marks.push(new WeakRef(mark));
      return { y: x.add(1), mark };
    });
    const use = async () => {
      using _ = await init({ backend });
      await f(1).y.data();
    };
    for (let i = 0; i < 3; i++) await use();
    await collectGarbage();
    expect(marks.map((ref) => ref.deref() !== undefined)).toEqual([false, false, true]);
  });
});

test("what gpuBuffer() told of is held until dispose()", async () => {
  const device = await init({ backend: "webgpu" });
  const start = device.memory().tensors;
  let x: Tensor | null = tensor(new Float32Array(50_000)).add(1);
  let constant: Tensor | null = tensor(new Float32Array(50_000));
  await Promise.all([x.gpuBuffer(), constant.gpuBuffer()]);
  const weak = [new WeakRef(x), new WeakRef(constant)];
  x = constant = null;
  await collectGarbage();
  expect(device.memory().tensors - start).toBe(2);
  weak.forEach((ref) => ref.deref()!.dispose());
  await collectGarbage();
  expect(device.memory().tensors).toBe(start);
});

test("gpuBuffer() of what is disposed before it is computed rejects", async () => {
  const device = await init({ backend: "webgpu" });
  const start = device.memory().tensors;
  const x = tensor(new Float32Array(50_000)).add(1);
  const place = x.gpuBuffer();
  x.dispose();
  await expect(place).rejects.toThrow(DisposedError);
  expect(device.memory().tensors).toBe(start);
});

describe("a device that nobody can reach", () => {
  /** A device that was used, to draw too, its default place taken by another; `keep` is given what is on it. */
  async function used(keep: (x: Tensor) => void): Promise<GPUDevice> {
    const { gpu } = await init();
    const w = variable([2, 1]);
    const f = compile((x: Tensor) => x.mul(w).sum().add(random.uniform([]).mul(0)));
    const x = tensor([3, 4]).add(1);
    expect(await f(x).item()).toBe(13);
    keep(x);
    await init({ backend: "cpu" });
    return gpu!;
  }
  const isLost = async (gpu: GPUDevice) => {
    let lost = false;
    void gpu.lost.then(() => (lost = true));
    await collectGarbage();
    return lost;
  };

  test("is destroyed, for the collector does not know how much it holds", async () => {
    const gpu = await used(() => {});
    await expect.poll(() => isLost(gpu)).toBe(true);
  });

  test("stays while there is a value on it", async () => {
    const kept: Tensor[] = [];
    const gpu = await used((x) => kept.push(x));
    for (let i = 0; i < 3; i++) expect(await isLost(gpu)).toBe(false);
    expect(await kept[0].array()).toEqual([4, 5]);
  });

  test("stays where it is the user's own", async () => {
    const { gpu } = await init();
    await init({ gpu });
    await init({ backend: "cpu" });
    for (let i = 0; i < 3; i++) await collectGarbage();
    expect(await isLost(gpu!)).toBe(false);
  });
});
