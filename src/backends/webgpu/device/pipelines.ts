import { DeviceError, DeviceLostError } from "../../../base/errors.ts";
import { getOrMake } from "../../../base/maps.ts";
import { loadFunctions, withFunctions } from "../kernels/functions.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { browserGpu } from "./browser.ts";
import { promised } from "./promised.ts";

const COMPUTE = 0x4; // GPUShaderStage.COMPUTE

/** How the bindings of a kernel are laid out. */
interface BindingLayout {
  group: GPUBindGroupLayout;
  pipeline: GPUPipelineLayout;
}

/**
 * The compute pipelines of a device, one for each shader text, made in the background. They live as long as someone
 * uses them: a program that keeps meeting new shapes would otherwise exhaust its driver's memory for code.
 */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #pending = new Map<string, Promise<GPUComputePipeline>>();
  readonly #made = new Map<string, WeakRef<GPUComputePipeline>>();
  /** By access. A pipeline with an "auto" layout has descriptor pools of its own, hundreds of which exhaust some drivers. */
  readonly #layouts = new Map<string, BindingLayout>();
  /** Settled when those are there that nobody waits for. */
  #spare: Promise<unknown> = Promise.resolve();
  readonly #collected = new FinalizationRegistry<string>((wgsl) => {
    if (!this.#made.get(wgsl)?.deref()) this.#made.delete(wgsl);
  });

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** The pipeline of a kernel; rejects with a DeviceError that names the kernel and the line at fault. */
  of(kernel: Kernel): Promise<GPUComputePipeline> {
    const { wgsl } = kernel;
    const made = this.#made.get(wgsl)?.deref();
    if (made) return Promise.resolve(made);
    const known = this.#pending.get(wgsl);
    if (known) return known;
    // One that failed is tried again when it is asked for again.
    const pending = this.#make(kernel).finally(() => this.#pending.delete(wgsl));
    this.#pending.set(wgsl, pending);
    return pending;
  }

  /**
   * The pipeline of a kernel that nobody waits for: after all that were asked for so before, so that whoever needs one of
   * the others waits for one of these at most.
   */
  inTurn(kernel: Kernel): Promise<GPUComputePipeline> {
    const pipeline = this.#spare.then(() => this.of(kernel));
    this.#spare = pipeline.catch(() => {});
    return pipeline;
  }

  /** How a kernel's bindings are laid out; kernels that access theirs alike share a layout. */
  layoutOf({ access }: Kernel): BindingLayout {
    const key = access.join();
    return getOrMake(this.#layouts, key, () => {
      const group = this.#device.createBindGroupLayout({
        label: key,
        entries: access.map((kind, binding) => ({
          binding,
          visibility: COMPUTE,
          buffer: { type: kind === "read" ? "read-only-storage" : "storage" },
        })),
      });
      const pipeline = this.#device.createPipelineLayout({ label: key, bindGroupLayouts: [group] });
      return { group, pipeline };
    });
  }

  async #make(kernel: Kernel): Promise<GPUComputePipeline> {
    const { name, wgsl } = kernel;
    const device = this.#device;
    const late = loadFunctions(wgsl);
    if (late) await late;
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: name, code: withFunctions(wgsl) });
    const failed = device.popErrorScope();
    const pipeline = device.createComputePipelineAsync({
      label: name,
      layout: this.layoutOf(kernel).pipeline,
      compute: { module, entryPoint: "main" },
    });
    pipeline.catch(() => {});
    // Chromium sends what was asked for when something is submitted, if only nothing, or else when the task is over: so
    // it compiles while this one goes on.
    if (browserGpu()) device.queue.submit([]);
    const error = await promised(device, failed);
    if (error) throw new DeviceError(`kernel ${name}: ${error.message}`);
    try {
      const made = await promised(device, pipeline);
      this.#made.set(wgsl, new WeakRef(made));
      this.#collected.register(made, wgsl);
      return made;
    } catch (cause) {
      if (cause instanceof DeviceLostError) throw cause;
      throw new DeviceError(`kernel ${name}: ${String(cause)}`, { cause });
    }
  }
}
