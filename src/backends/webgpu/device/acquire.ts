import { DeviceError } from "../../../base/errors.ts";
import { loadFamilies } from "../kernels/matmul-families.ts";
import { browserGpu } from "./browser.ts";
import { tuningFor } from "./adapter-tuning.ts";

export interface AcquireOptions {
  powerPreference?: GPUPowerPreference;
  requiredFeatures?: readonly string[];
}

/** Features that kernels and profiles use where they are. */
const WANTED: readonly GPUFeatureName[] = ["subgroups", "timestamp-query", "shader-f16"];

/** Limits that are asked for as far as the adapter goes. */
const RAISED = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupStorageSize",
] as const;

/**
 * A device with all that its adapter offers, for which shaders are loaded while it is made; throws a DeviceError that says
 * what to do where there is none.
 */
export async function acquireGpu({
  powerPreference = "high-performance",
  requiredFeatures = [],
}: AcquireOptions): Promise<GPUDevice> {
  const gpu = await entryPoint();
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter) return fail((await withoutWebGpu()).noAdapter());
  const missing = requiredFeatures.filter((f) => !adapter.features.has(f));
  if (missing.length > 0) {
    fail((await withoutWebGpu()).lacksFeatures(missing, adapter.features));
  }
  const features = new Set([...requiredFeatures, ...WANTED.filter((f) => adapter.features.has(f))]);
  const [device] = await Promise.all([
    adapter.requestDevice({
      requiredFeatures: [...features] as GPUFeatureName[],
      requiredLimits: Object.fromEntries(RAISED.map((name) => [name, adapter.limits[name]])),
    }),
    loadFamilies(tuningFor({ adapterInfo: adapter.info, features }).adapter),
  ]);
  return device;
}

function fail(message: string, options?: ErrorOptions): never {
  throw new DeviceError(message, options);
}

/** The browser's WebGPU, or in Node Dawn's. */
async function entryPoint(): Promise<GPU> {
  return browserGpu() ?? (await withoutWebGpu()).dawnInNode(fail);
}

/** Loaded where it is needed: a page that has a GPU does without. */
const withoutWebGpu = () => import("./without-webgpu.ts");
