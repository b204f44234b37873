import { afterEach, expect, test, vi } from "vitest";
import { acquireGpu } from "../../src/backends/webgpu/device/acquire.ts";
import { tuningFor } from "../../src/backends/webgpu/device/adapter-tuning.ts";
import {
  type Family,
  familiesOf,
  matmulKernel,
} from "../../src/backends/webgpu/kernels/matmul-families.ts";

afterEach(() => vi.unstubAllGlobals());

const PROBLEM = { batch: 1, m: 64, n: 64, k: 64, transposeA: false, transposeB: false };

test("shaders are loaded while the device is made", async () => {
  const features = new Set<string>();
  const info = { vendor: "nvidia", architecture: "hopper" } as GPUAdapterInfo;
  let give: (device: GPUDevice) => void = () => {};
  const requestDevice = vi.fn(() => new Promise<GPUDevice>((resolve) => (give = resolve)));
  const adapter = { info, features, limits: {}, requestDevice };
  vi.stubGlobal("navigator", { gpu: { requestAdapter: async () => adapter } });

  const { adapter: facts } = tuningFor({ adapterInfo: info, features });
  const late = familiesOf(facts).filter((family) => family !== "registers");
  const kernel = (family: Family) =>
    matmulKernel({ ...PROBLEM, batchA: "0", batchB: "0" }, facts, family);
  expect(late).not.toEqual([]);
  for (const family of late) expect(() => kernel(family)).toThrow();

  const acquired = acquireGpu({});
  await vi.waitFor(() => late.forEach(kernel));
  expect(requestDevice).toHaveBeenCalledOnce();
  const device = {} as GPUDevice;
  give(device);
  expect(await acquired).toBe(device);
});
