import {
  compile,
  DeviceError,
  init,
  OutOfMemoryError,
  tensor,
  variable,
  zeros,
  type Tensor,
} from "cotangent";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";

describe("a tensor larger than the adapter's limits", () => {
  beforeAll(async () => {
    await init({ backend: "webgpu" });
  });

  const huge = () => zeros([2 ** 17, 2 ** 14]);

  test("is an error that says what the adapter allows", async () => {
    await expect(huge().add(1).data()).rejects.toThrow(OutOfMemoryError);
    await expect(huge().add(1).data()).rejects.toThrow(
      /float32 .*\[131072, 16384\].* 8\.0 GiB.*(maxStorageBufferBindingSize|maxBufferSize)/,
    );
  });

  test("in a compiled function is thrown where it is called", () => {
    const f = compile((x: Tensor) => huge().add(x));
    expect(() => f(1)).toThrow(OutOfMemoryError);
  });

  test("is none where it is reduced without being stored, and nothing is broken after it", async () => {
    await expect(huge().add(1).data()).rejects.toThrow(OutOfMemoryError);
    expect(await tensor([1, 2]).add(1).array()).toEqual([2, 3]);
  });
});

test("a loop that outruns the garbage collector gets an error that says so", async () => {
  const device = await init({ backend: "webgpu" });
  const f = compile((x: Tensor) => zeros([2 ** 24]).add(x));
  const held: Tensor[] = [];
  const loop = () => {
    for (let i = 0; i < 40; i++) held.push(f(i));
  };
  expect(loop).toThrow(OutOfMemoryError);
  expect(loop).toThrow(/^results of 2\.0 GiB are held.*dispose\(\)/);
  expect(held).toHaveLength(32);
  for (const y of held.splice(0)) y.dispose();
  device.dispose();
});

test("a call whose results there is no room for leaves none behind", async () => {
  const device = await init({ backend: "webgpu" });
  const f = compile((x: Tensor) => [zeros([2]).add(x), zeros([2 ** 20]).add(x)]);
  const before = device.memory().tensors;
  expect(() => f.repeat(2 ** 20)(1)).toThrow(/^results of 8\.0 MiB are held/);
  expect(device.memory().tensors).toBe(before);
  device.dispose();
});

/** What WebGPU says where a pipeline cannot be made. */
const refusal = Object.assign(new Error("out of host memory"), { name: "GPUPipelineError" });

test("a pipeline that could not be made is tried again by the next run", async () => {
  const device = await init({ backend: "webgpu" });
  const step = compile((x: Tensor) => x.mul(3).add(0.125));
  const make = vi
    .spyOn(Object.getPrototypeOf(device.gpu) as GPUDevice, "createComputePipelineAsync")
    .mockRejectedValueOnce(refusal);
  await expect(step(1).data()).rejects.toThrow(/kernel mul add: .*out of host memory/);
  expect(await step(1).item()).toBe(3.125);
  expect(await compile((x: Tensor) => x.mul(3).add(0.125))(2).item()).toBe(6.125);
  make.mockRestore();
  device.dispose();
});

test("the next read hears of an assignment whose pipeline could not be made", async () => {
  const device = await init({ backend: "webgpu" });
  const w = variable(tensor([1, 2]).mul(2));
  await w.data();
  const make = vi
    .spyOn(Object.getPrototypeOf(device.gpu) as GPUDevice, "createComputePipelineAsync")
    .mockRejectedValue(refusal);
  w.assign(w.mul(1.25).add(0.75));
  await expect(w.data()).rejects.toThrow(/kernel mul add: .*out of host memory/);
  const v = variable(tensor([3, 4]).mul(2.25).sub(0.25));
  await expect(v.data()).rejects.toThrow(/out of host memory/);
  await expect((async () => v.data())()).rejects.toThrow(/out of host memory/);
  make.mockRestore();
  w.assign(tensor([5, 6]));
  v.assign(tensor([7, 8]));
  expect([await w.array(), await v.array()]).toEqual([
    [5, 6],
    [7, 8],
  ]);
  device.dispose();
});

test("onRestored takes a function; on cpu there is nothing to tell", async () => {
  const device = await init({ backend: "cpu" });
  expect(() => device.onRestored("log" as never)).toThrow(
    "onRestored: expected a function, got string",
  );
  expect(device.onRestored(() => {})()).toBeUndefined();
});

describe("no WebGPU", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test("an adapter that is missing: the message says how to get one, and what works without", async () => {
    vi.stubGlobal("navigator", { gpu: { requestAdapter: () => Promise.resolve(null) } });
    await expect(init()).rejects.toThrow(DeviceError);
    await expect(init()).rejects.toThrow(
      /no adapter; .*Vulkan.*init\(\{ backend: "cpu" \}\) works everywhere/,
    );
  });

  test("features that the adapter lacks are named", async () => {
    await expect(
      init({
        requiredFeatures: ["texture-compression-astc-sliced-3d", "no-such-thing"],
      }),
    ).rejects.toThrow(/the adapter lacks .*no-such-thing; it has /);
  });
});

test.each([
  [
    { backend: "webgl" as "cpu" },
    'init: there is no backend "webgl"; there are "webgpu" and "cpu"',
  ],
  [
    { backend: "cpu", precision: "float16" as "float32" },
    'init: there is no precision "float16"; there are "float64" and "float32"',
  ],
] as const)("%o is an error", async (options, message) => {
  const attempt = init(options);
  await expect(attempt).rejects.toThrow(DeviceError);
  await expect(attempt).rejects.toThrow(message);
});
