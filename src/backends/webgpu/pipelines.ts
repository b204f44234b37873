import { DeviceError } from "../../base/errors.ts";
import type { Kernel } from "./kernel.ts";

/** The compute pipelines of a device, one for each shader text, made in the background. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #known = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** The pipeline of a kernel; rejects with a DeviceError that names the kernel and the line at fault. */
  of(kernel: Kernel): Promise<GPUComputePipeline> {
    const known = this.#known.get(kernel.wgsl);
    if (known) return known;
    const made = this.#make(kernel);
    this.#known.set(kernel.wgsl, made);
    return made;
  }

  async #make({ name, wgsl }: Kernel): Promise<GPUComputePipeline> {
    const device = this.#device;
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: name, code: wgsl });
    const failed = device.popErrorScope();
    const pipeline = device.createComputePipelineAsync({
      label: name,
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    pipeline.catch(() => {});
    const error = await failed;
    if (error) throw new DeviceError(`kernel ${name}: ${error.message}`);
    try {
      return await pipeline;
    } catch (cause) {
      throw new DeviceError(`kernel ${name}: ${String(cause)}`, { cause });
    }
  }
}
