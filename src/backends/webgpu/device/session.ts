import { DeviceError, OutOfMemoryError } from "../../../base/errors.ts";
import type { Source } from "../../../graph/tensor.ts";
import { Buffers } from "./buffers.ts";
import { Homes } from "./homes.ts";
import type { Tuning } from "../kernels/tuning.ts";
import { Pipelines } from "./pipelines.ts";
import { Readback } from "./readback.ts";
import type { GpuStorage } from "./storage.ts";
import { tuningFor } from "./adapter-tuning.ts";

/** All that lives and dies with one GPUDevice. */
export class Session {
  readonly gpu: GPUDevice;
  readonly tuning: Tuning;
  readonly buffers: Buffers;
  readonly homes: Homes;
  readonly pipelines: Pipelines;
  readonly readback: Readback;
  /** Host data that has been brought here. */
  readonly uploaded = new WeakMap<Source, GpuStorage>();

  /** `report` is told what goes wrong on the device without a call that could throw it. */
  constructor(gpu: GPUDevice, previous: Session | null, report: (error: Error) => void) {
    this.gpu = gpu;
    this.tuning = tuningFor(gpu);
    this.buffers = new Buffers(gpu, report);
    this.homes = new Homes(gpu, this.buffers, previous?.homes ?? null);
    this.pipelines = new Pipelines(gpu);
    this.readback = new Readback(gpu);
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      const { error } = event;
      report(
        error instanceof GPUOutOfMemoryError
          ? new OutOfMemoryError(error.message)
          : new DeviceError(`WebGPU: ${error.message}`),
      );
    });
  }
}
