// First what holds WGSL: texts that lie side by side in a bundle compress better, by 200 bytes.
import { loadFamilies } from "./backends/webgpu/kernels/matmul-families.ts";
import { WebGpuBackend } from "./backends/webgpu/webgpu-backend.ts";
import { wasAsync } from "./base/async.ts";
import { checkInstance } from "./base/describe-value.ts";
import { DeviceError } from "./base/errors.ts";
import { checkOptions } from "./base/options.ts";
import type { Precision } from "./backends/cpu/cpu-backend.ts";
import { acquireGpu } from "./backends/webgpu/device/acquire.ts";
import { isSoftware, tuningFor } from "./backends/webgpu/device/adapter-tuning.ts";
import { currentBackend, setCurrentBackend, type Backend, type Memory } from "./graph/backend.ts";
import { loadLate } from "./inspect/load.ts";
import { forgetState } from "./random/draws.ts";
import { takeSnapshot } from "./snapshot.ts";

/** Which device. */
export interface InitOptions {
  /** What computes: the GPU, or the float64 reference. */
  backend?: "webgpu" | "cpu";
  /** A GPUDevice of the user's own. */
  gpu?: GPUDevice;
  /** Which of several GPUs, where there are some; the browser decides by default. */
  powerPreference?: "low-power" | "high-performance";
  /** By WebGPU's names, such as "shader-f16". */
  requiredFeatures?: readonly string[];
  /** On cpu: "float32" rounds after every op, as a GPU does. */
  precision?: Precision;
}

/** What a device is. */
export interface DeviceInfo {
  /** "webgpu", or "cpu" for the reference. */
  backend: "webgpu" | "cpu";
  /** As WebGPU calls it; may be empty. */
  vendor: string;
  /** As WebGPU calls it; may be empty. */
  architecture: string;
  /** Whether the adapter is a software one. */
  isFallback: boolean;
  /** What the device can, by WebGPU's names. */
  features: readonly string[];
  /** By WebGPU's names; none on cpu. */
  limits: Readonly<Record<string, number>>;
}

/** A GPU or the reference, and all the tensors on it. */
export class Device {
  /** What it is. */
  readonly info: DeviceInfo;
  readonly #backend: Backend;

  /** @hidden */
  constructor(backend: Backend, info: DeviceInfo) {
    this.#backend = backend;
    this.info = info;
  }

  /** The GPUDevice; undefined on cpu. It lasts as long as this device, or something on it, can be reached. */
  get gpu(): GPUDevice | undefined {
    return this.#backend.gpu;
  }

  /**
   * What is held: bytes now and at most so far, buffers, and values that tensors hold.
   * @returns counts and bytes at this moment
   */
  memory(): Memory {
    return { ...this.#backend.memory };
  }

  /** Keeps the values of all variables on the host; a lost device is restored from the last of these. */
  async snapshot(): Promise<void> {
    await takeSnapshot(this.#backend);
  }

  /**
   * Calls `callback` each time that a lost device has been replaced: `gpu` is then another, and what was made from the
   * old one, such as a canvas's context, has to be made anew. Returns a function that ends it. On cpu it is never called.
   * @param callback what to do then
   * @returns a function that ends it
   */
  onRestored(callback: () => void): () => void {
    checkInstance("onRestored", callback, Function, "a function");
    // One of its own, so that a callback that is given twice is ended once.
    const tell = () => callback();
    this.#backend.onRestored?.add(tell);
    return () => void this.#backend.onRestored?.delete(tell);
  }

  /**
   * Calls `fn` with this device in place of the default one, until it returns. Throws a DeviceError for an async
   * function: what it did after its first `await` would be done on the default device.
   * @param fn a function that is not async
   * @returns what the function returns
   */
  run<T>(fn: () => T): T {
    checkInstance("run", fn, Function, "a function");
    const outer = currentBackend();
    setCurrentBackend(this.#backend);
    try {
      const returned = fn();
      if (wasAsync(returned)) {
        throw new DeviceError(
          "run: the function returned a promise, and after an await the default device would be back; " +
            "build tensors in run(), return them, and await their values outside of it",
        );
      }
      return returned;
    } finally {
      setCurrentBackend(outer);
    }
  }

  /**
   * Frees everything on the device; its tensors are gone. A device that nobody can reach any more, nor anything on it, is
   * freed by the garbage collector, sooner or later; one that was given to `init` is never destroyed.
   */
  dispose(): void {
    if (currentBackend() === this.#backend) setCurrentBackend(null);
    forgetState(this.#backend);
    this.#backend.dispose();
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Makes the default device: the GPU by WebGPU, in the browser or in Node (through the package `webgpu`), or with
 * `{ backend: "cpu" }` the float64 reference. Throws a DeviceError that says what to do where there is no WebGPU.
 * @param options which device; the GPU by default
 * @returns the device, from now on the default one
 */
export async function init(options: InitOptions = {}): Promise<Device> {
  checkOptions("init", options, [
    "backend",
    "gpu",
    "powerPreference",
    "requiredFeatures",
    "precision",
  ]);
  const { backend = "webgpu", precision = "float64" } = options;
  checkChoice("backend", backend, ["webgpu", "cpu"]);
  checkChoice("precision", precision, ["float64", "float32"]);
  return backend === "cpu" ? makeCpu(precision) : makeGpu(options);
}

function checkChoice(option: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new DeviceError(
    `init: there is no ${option} "${value}"; there are "${known.join('" and "')}"`,
  );
}

async function makeCpu(precision: Precision): Promise<Device> {
  // Only those who ask for the reference load it.
  const { CpuBackend } = await loadLate();
  const backend = new CpuBackend(precision);
  setCurrentBackend(backend);
  return new Device(backend, backend.info);
}

async function makeGpu({ gpu, ...wishes }: InitOptions): Promise<Device> {
  if (gpu) await loadFamilies(tuningFor(gpu).adapter);
  const device = gpu ?? (await acquireGpu(wishes));
  const backend = new WebGpuBackend(device, () => acquireGpu(wishes), gpu);
  setCurrentBackend(backend);
  const { adapterInfo } = device;
  return new Device(backend, {
    backend: "webgpu",
    vendor: adapterInfo.vendor,
    architecture: adapterInfo.architecture,
    isFallback: isSoftware(adapterInfo),
    features: [...device.features].sort(),
    limits: limitsOf(device),
  });
}

/** The limits as a plain object: those of a device are getters of its class. */
function limitsOf({ limits }: GPUDevice): Record<string, number> {
  const names = Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(limits)));
  const entries = names.map((name) => [name, limits[name as keyof GPUSupportedLimits]] as const);
  return Object.fromEntries(entries.filter(([, v]) => typeof v === "number")) as Record<
    string,
    number
  >;
}
