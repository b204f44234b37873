import { DeviceError } from "../../base/errors.ts";

export interface AcquireOptions {
  powerPreference?: GPUPowerPreference;
  requiredFeatures?: readonly GPUFeatureName[];
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

/** A device with all that its adapter offers; throws a DeviceError that says what to do where there is none. */
export async function acquireGpu({
  powerPreference = "high-performance",
  requiredFeatures = [],
}: AcquireOptions): Promise<GPUDevice> {
  const gpu = await entryPoint();
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter) throw new DeviceError(noAdapter());
  const missing = requiredFeatures.filter((f) => !adapter.features.has(f));
  if (missing.length > 0) {
    throw new DeviceError(
      `init: the adapter lacks ${missing.join(", ")}; it has ${[...adapter.features].sort().join(", ")}`,
    );
  }
  const features = new Set([...requiredFeatures, ...WANTED.filter((f) => adapter.features.has(f))]);
  return adapter.requestDevice({
    requiredFeatures: [...features],
    requiredLimits: Object.fromEntries(RAISED.map((name) => [name, adapter.limits[name]])),
  });
}

const isNode = () =>
  (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !==
  undefined;

/** The browser's WebGPU, or in Node Dawn's, from the optional package `webgpu`. */
async function entryPoint(): Promise<GPU> {
  if (typeof navigator !== "undefined" && navigator.gpu) return navigator.gpu;
  if (!isNode()) throw new DeviceError(noWebGpu());
  dawn ??= await loadDawn();
  return dawn;
}

/** Dawn stops when what `create` returned is collected, so it is held here. */
let dawn: GPU | null = null;

async function loadDawn(): Promise<GPU> {
  // A name that bundlers don't see: the package is optional and of no use in a browser.
  const name = "webgpu";
  let module: { create(flags: string[]): GPU; globals: object };
  try {
    module = (await import(/* @vite-ignore */ name)) as typeof module;
  } catch (cause) {
    throw new DeviceError(
      'init: Node has no WebGPU of its own; run `npm install webgpu`, or use init({ backend: "cpu" })',
      { cause },
    );
  }
  Object.assign(globalThis, module.globals);
  return module.create([]);
}

function noWebGpu(): string {
  const agent = typeof navigator === "undefined" ? "" : navigator.userAgent;
  const hint = /Firefox/.test(agent)
    ? "Firefox has it from version 141 on Windows and 145 on macOS; elsewhere set dom.webgpu.enabled in about:config"
    : /Chrome|Chromium|Edg/.test(agent)
      ? "Chrome and Edge have it from version 113, on Linux behind chrome://flags/#enable-unsafe-webgpu"
      : /Safari/.test(agent)
        ? "Safari has it from version 26"
        : "Chrome and Edge 113, Firefox 141 and Safari 26 have it";
  const secure =
    typeof isSecureContext !== "undefined" && !isSecureContext
      ? "the page must come over https or from localhost; "
      : "";
  return `init: this browser offers no WebGPU here: ${secure}${hint}. init({ backend: "cpu" }) works everywhere`;
}

function noAdapter(): string {
  const hint = isNode()
    ? "Node needs a Vulkan driver (on Debian: apt-get install mesa-vulkan-drivers libvulkan1) or VK_DRIVER_FILES pointing at one"
    : "the browser may have blocked the GPU or its driver: see chrome://gpu or about:support";
  return `init: WebGPU is here, but it finds no adapter; ${hint}. init({ backend: "cpu" }) works everywhere`;
}
