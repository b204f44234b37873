import {
  arange,
  compile,
  concat,
  DeviceError,
  eye,
  full,
  init,
  linspace,
  ones,
  random,
  tensor,
  variable,
  zeros,
  type Tensor,
} from "cotangent";
import { describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";

describe.each(backends)("tensors on %s", (backend) => {
  test("the program", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const device = await init({ backend });
    expect(device.info.backend).toBe(backend);
    expect(typeof device.info.vendor).toBe("string");
    expect(typeof device.info.architecture).toBe("string");
    expect(typeof device.info.isFallback).toBe("boolean");
    expect(Array.isArray(device.info.features)).toBe(true);
    if (backend === "webgpu") {
      expect(device.gpu).toHaveProperty("queue");
      expect(device.info.limits.maxBufferSize).toBeGreaterThan(0);
    } else {
      expect(device.gpu).toBeUndefined();
    }
    expect(Object.keys(device.memory()).sort()).toEqual([
      "buffers",
      "bytes",
      "peakBytes",
      "tensors",
    ]);
    await device.snapshot();

    const a = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect([a.dtype, a.shape, a.rank, a.size]).toEqual(["float32", [2, 2], 2, 4]);
    const b = tensor(new Float32Array(6), [2, 3]);
    const k = tensor([0, 2, 1], { dtype: "int32" });
    const c = a.matmul(b).add(1).tanh();
    expect([c.dtype, c.shape, c.rank, c.size]).toEqual(["float32", [2, 3], 2, 6]);
    expect(String(c)).toBe("float32[2, 3] tanh");
    const values = await c.data();
    expect(values).toBeInstanceOf(Float32Array);
    values.forEach((v) => expect(v).toBeCloseTo(Math.tanh(1), 6));
    expect(await k.data<Int32Array>()).toEqual(Int32Array.of(0, 2, 1));
    expect(await k.cast("uint32").data()).toEqual(Uint32Array.of(0, 2, 1));
    expect(await k.greater(0).data()).toEqual(Uint8Array.of(0, 1, 1));
    expect(await k.greater(0).array()).toEqual([false, true, true]);
    expect(await a.array()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await a.sum().item()).toBe(10);
    expect(String(c)).toMatch(/^\[\[0\.7615942 0\.7615942 0\.7615942\]\n \[/);
    await c.print();
    expect(log).toHaveBeenCalledTimes(1);

    random.seed(42);
    const w = variable(random.normal([3, 3]));
    const before = await w.data();
    w.assign(w.mul(0.9));
    (await w.data()).forEach((v, i) => expect(v).toBeCloseTo(0.9 * before[i], 6));
    device.dispose();
    await expect(a.data()).rejects.toThrow(DeviceError);
    log.mockRestore();
  });

  test("gpuBuffer: where the value lies on the GPU, pinned until the tensor is disposed", async () => {
    const device = await init({ backend });
    const c = tensor([1, 2, 3]).mul(2);
    if (!device.gpu) {
      await expect(c.gpuBuffer()).rejects.toThrow(DeviceError);
      return;
    }
    const { gpu } = device;
    const { buffer, offset, size } = await c.gpuBuffer();
    expect(size).toBe(12);
    const staging = gpu.createBuffer({
      size: 12,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    for (let i = 0; i < 20; i++) await tensor([i, i, i]).mul(2).data();
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    gpu.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    expect(new Float32Array(staging.getMappedRange())).toEqual(Float32Array.of(2, 4, 6));
    const large = await tensor(new Float32Array(5000)).mul(2).gpuBuffer();
    for (const { usage } of [buffer, large.buffer]) {
      expect(usage & GPUBufferUsage.VERTEX).toBeTruthy();
      expect(usage & GPUBufferUsage.STORAGE).toBeTruthy();
    }
  });

  test("a long range is counted on the device, not listed on the host", async () => {
    await init({ backend });
    expect(arange(2 ** 31 - 1).shape).toEqual([2 ** 31 - 1]);
    for (const [start, step] of [
      [-7, 3],
      [9, -2],
    ]) {
      const n = 2 ** 17;
      const expected = Int32Array.from({ length: n }, (_, i) => start + i * step);
      const stop = start + n * step;
      expect(await arange(start, stop, step, { dtype: "int32" }).data()).toEqual(expected);
      expect(await arange(start, stop, step).data()).toEqual(Float32Array.from(expected));
    }
    expect(() => arange(1, -(2 ** 17), -1, { dtype: "uint32" })).toThrow("cannot be uint32");
  });

  test("what makes tensors", async () => {
    await init({ backend });
    expect(await zeros([2]).array()).toEqual([0, 0]);
    expect(await ones([1, 2]).array()).toEqual([[1, 1]]);
    expect(await full([2], 7).array()).toEqual([7, 7]);
    expect(await arange(3).array()).toEqual([0, 1, 2]);
    expect(await arange(1, 4).array()).toEqual([1, 2, 3]);
    expect(await linspace(0, 1, 3).array()).toEqual([0, 0.5, 1]);
    expect(await linspace(3, 9, 1).array()).toEqual([3]);
    expect(await eye(2).array()).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test("linspace ends where it is told to, whatever its step is rounded to", async () => {
    await init({ backend });
    for (const [start, stop] of [
      [0, 1],
      [1, 0],
      [0.1, -0.7],
    ]) {
      for (const count of [2, 50, 99, 104, 162]) {
        const x = linspace(start, stop, count);
        const ends = concat([x.slice([0], [1]).sub(start), x.slice([-1]).sub(stop)]);
        expect(await ends.array(), `${count} numbers`).toEqual([0, 0]);
      }
    }
  });

  test("integers have powers that are products", async () => {
    await init({ backend });
    const x = tensor([-2, 0, 7], { dtype: "int32" });
    expect(await Promise.all([1, 2, 3].map((n) => x.pow(n).array()))).toEqual([
      [-2, 0, 7],
      [4, 0, 49],
      [-8, 0, 343],
    ]);
    expect(x.pow(2).dtype).toBe("int32");
  });

  test("methods take an axis or a list of axes first and options last", async () => {
    await init({ backend });
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await x.sum(1, { keepDims: true }).array()).toEqual([[6], [15]]);
    expect(await x.sum([0, 1]).array()).toBe(21);
    expect(await x.softmax(-1).sum(-1).array()).toEqual([
      expect.closeTo(1, 6),
      expect.closeTo(1, 6),
    ]);
    expect(x.reshape([3, -1]).shape).toEqual([3, 2]);
    expect(x.transpose([1, 0]).shape).toEqual([3, 2]);
    expect(x.transpose().shape).toEqual([3, 2]);
    expect(await x.slice([0, 1], [1, 3]).array()).toEqual([[2, 3]]);
  });

  test("a device of the user's own", async () => {
    const { gpu } = await init({ backend });
    if (!gpu) return;
    const device = await init({ gpu });
    expect(device.gpu).toBe(gpu);
    expect(await tensor([1, 2]).mul(3).array()).toEqual([3, 6]);
  });
});

test("float32 tensors hold float64 values on cpu", async () => {
  await init({ backend: "cpu" });
  const third = tensor(1).div(3);
  expect(await third.data()).toEqual(Float32Array.of(1 / 3));
  expect(await third.data<Float64Array>({ dtype: "float64" })).toEqual(Float64Array.of(1 / 3));
  expect(await third.item()).toBe(Math.fround(1 / 3));
  const w = variable(third);
  expect((await w.data({ dtype: "float64" }))[0]).toBe(1 / 3);
  const same = compile((x: Tensor) => x.mul(1))(Float64Array.of(0.1));
  expect((await same.data({ dtype: "float64" }))[0]).toBe(0.1);
});

test('precision: "float32" rounds after every op', async () => {
  await init({ backend: "cpu", precision: "float32" });
  const y = tensor(1).div(3).mul(3);
  expect((await y.data({ dtype: "float64" }))[0]).toBe(Math.fround(Math.fround(1 / 3) * 3));
  const wide = tensor(0.1).data({ dtype: "float64" });
  expect(await wide).toEqual(Float64Array.of(Math.fround(0.1)));
});

test("on webgpu float64 widens", async () => {
  await init({ backend: "webgpu" });
  const third = tensor(1).div(3);
  const [wide] = await third.data<Float64Array>({ dtype: "float64" });
  expect(wide).toBe(Math.fround(wide));
  expect(wide).toBeCloseTo(1 / 3, 6);
});
