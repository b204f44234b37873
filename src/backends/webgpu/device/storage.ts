import { DeviceError, DeviceLostError } from "../../../base/errors.ts";
import type { Backend, Storage } from "../../../graph/backend.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import type { Range } from "./buffers.ts";

/** A value in a buffer. */
export class GpuStorage implements Storage {
  readonly backend: Backend;
  /** Which of the devices that the backend has had holds it. */
  readonly epoch: number;
  /** Why the value is not there, if the call that should have made it failed. */
  error: unknown = null;
  #range: Range | null = null;
  #holders = 1;

  constructor(backend: Backend, epoch: number) {
    this.backend = backend;
    this.epoch = epoch;
  }

  /** Where it lies. What nobody holds lies nowhere: its room may be another value's by now. */
  get range(): Range {
    if (this.#holders === 0) throw new DeviceError("the value was freed before it was used");
    if (!this.#range) throw new DeviceLostError("the value was lost with its device");
    return this.#range;
  }

  /** Gives it its place, at once or when a lost device has been replaced. */
  place(range: Range): void {
    if (this.#holders > 0) this.#range = range;
    else range.free();
  }

  retain(): void {
    this.#holders++;
  }

  release(): void {
    if (--this.#holders === 0) this.#range?.free();
  }
}

/** The values that tensors have on a device. */
export const storagesOf = (tensors: readonly Tensor[]): GpuStorage[] =>
  tensors.flatMap((x) => (x.source?.kind === "stored" ? [x.source.storage as GpuStorage] : []));
