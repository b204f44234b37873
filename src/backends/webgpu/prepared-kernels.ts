import { sizeInBytes } from "../../base/dtype.ts";
import { OutOfMemoryError } from "../../base/errors.ts";
import { show } from "../../base/shape.ts";
import type { PrepareOptions } from "../../graph/backend.ts";
import type { KernelPlan } from "../../plan/plan.ts";
import { boundBytes } from "./kernels/bindings.ts";
import { kernelsOf, type StepKernel } from "./kernels/plan-kernels.ts";
import { amountOfBytes } from "./units.ts";
import type { WebGpuBackend } from "./webgpu-backend.ts";

/** A kernel that can be dispatched. */
export interface PreparedKernel extends StepKernel {
  pipeline: GPUComputePipeline;
}

/**
 * The kernels of a plan on one device, where that is worth it at first those that compile soon: those that run fastest then
 * take their places one by one. Both compute the same to the last bit.
 */
export class PreparedKernels {
  readonly #backend: WebGpuBackend;
  readonly #layout: KernelPlan;
  readonly #options: PrepareOptions;
  readonly #isQuick: boolean;
  /** How many devices had been lost before: those of another number are of no use. */
  readonly epoch: number;
  readonly #first: readonly StepKernel[];
  /** Those that runs take now, in a list that stays as it is; null until they are there. */
  made: readonly PreparedKernel[] | null = null;
  /** Settled when they are there; null where they are not being made. */
  #ready: Promise<void> | null = null;
  /** Settled when those are there that run fastest; null before anybody asked for them. */
  #fastest: Promise<void> | null = null;

  constructor(backend: WebGpuBackend, layout: KernelPlan, options: PrepareOptions) {
    this.#backend = backend;
    this.#layout = layout;
    this.#options = options;
    this.epoch = backend.epoch;
    const { pipelines, tuning } = backend.session;
    this.#isQuick = options.quick ?? tuning.adapter.software;
    // Each is compiled while the next is written. Whoever asks for it again, to run it, hears of a failure.
    this.#first = kernelsOf(layout, { ...tuning, quick: this.#isQuick }, (kernel) =>
      pipelines.of(kernel).catch(() => {}),
    );
    for (const kernel of this.#first) checkLimits(kernel, backend.gpu);
    void this.#prepare();
  }

  /** Those that run fastest. */
  get fastest(): readonly StepKernel[] {
    return this.#isQuick ? kernelsOf(this.#layout, this.#backend.session.tuning) : this.#first;
  }

  /** Settled when a run could begin; null where one can. What failed is tried again. */
  get waitsFor(): Promise<void> | null {
    return this.made ? null : (this.#ready ?? this.#prepare());
  }

  #prepare(): Promise<void> {
    this.#ready = this.#make();
    this.#ready.catch(() => (this.#ready = null));
    return this.#ready;
  }

  async #make(): Promise<void> {
    // After a loss, shaders are compiled for the next device.
    if (this.#backend.recovery) await this.#backend.recovery;
    const { pipelines } = this.#backend.session;
    const made = new Map(this.#first.map((kernel) => [kernel.wgsl, pipelines.of(kernel)]));
    let done = 0;
    await Promise.all(
      [...made.values()].map(async (pipeline) => {
        await pipeline;
        this.#options.onProgress?.({ done: ++done, total: made.size });
      }),
    );
    this.made = await Promise.all(
      this.#first.map(async (kernel) => ({ ...kernel, pipeline: await made.get(kernel.wgsl)! })),
    );
  }

  /** Has those made that run fastest. Runs do without one that a driver refuses; a profile says so. */
  quicken(): Promise<void> {
    this.#fastest ??= this.#replace();
    this.#fastest.catch(() => {});
    return this.#fastest;
  }

  async #replace(): Promise<void> {
    await this.waitsFor;
    const { pipelines } = this.#backend.session;
    for (const [i, kernel] of this.fastest.entries()) {
      if (kernel.wgsl === this.#first[i].wgsl) continue;
      const pipeline = await pipelines.inTurn(kernel);
      this.made = this.made!.map((own, j) => (j === i ? { ...kernel, pipeline } : own));
    }
  }
}

function checkLimits({ name, slots }: StepKernel, { limits }: GPUDevice): void {
  const { maxStorageBufferBindingSize: most } = limits;
  for (const slot of slots) {
    if (boundBytes(slot) <= most) continue;
    const { tensor } = slot;
    throw new OutOfMemoryError(
      `${name}: a ${tensor.dtype} tensor of shape ${show(tensor.shape)} takes ${amountOfBytes(sizeInBytes(tensor))}; ` +
        `this adapter binds at most ${amountOfBytes(most)} (maxStorageBufferBindingSize)`,
    );
  }
}
