// First what holds WGSL: texts that lie side by side in a bundle compress better.
import { sizesOf } from "./kernels/product-kernel.ts";
import { isFloat, sizeInBytes, wholeWords, type Dtype, type HostArray } from "../../base/dtype.ts";
import { DeviceError, DeviceLostError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import type {
  Backend,
  Executable,
  GpuRange,
  Memory,
  PrepareOptions,
  Storage,
} from "../../graph/backend.ts";
import type { Spec } from "../../graph/op.ts";
import type { Program } from "../../graph/program.ts";
import { describe, releaseWith, type Tensor } from "../../graph/tensor.ts";
import type { Variable } from "../../graph/variable.ts";
import type { Limits } from "../../plan/plan.ts";
import { GpuExecutable } from "./executable.ts";
import { copyBytes, type Position } from "./device/copy.ts";
import { fromDevice, toDevice } from "./device/device-format.ts";
import { promised } from "./device/promised.ts";
import { epilogueCopies } from "./kernels/matmul-families.ts";
import { Session } from "./device/session.ts";
import { isSoftware } from "./device/adapter-tuning.ts";
import { Snapshot } from "./device/host-copies.ts";
import { GpuStorage, storagesOf } from "./device/storage.ts";
import { TaskQueue, type Task } from "./device/task-queue.ts";

let made = 0;

/** Frees what a device holds when nobody can reach it any more: the garbage collector knows nothing of its memory. */
const unreachable = new FinalizationRegistry<GPUDevice>((gpu) => gpu.destroy());

/** A GPU by WebGPU. A device that is lost is replaced; what a snapshot holds comes back on the new one. */
export class WebGpuBackend implements Backend {
  readonly label: string;
  readonly limits: Limits;
  /** What lives on the device that it has now. */
  session: Session;
  /** How many devices it has lost. */
  epoch = 0;
  readonly #acquire: () => Promise<GPUDevice>;
  readonly #queue = new TaskQueue();
  readonly #snapshot = new Snapshot();
  /** Settled when a lost device has been replaced. */
  recovery: Promise<void> | null = null;
  /** Variables that have no value, and why: it went with a lost device, or could not be computed. */
  readonly #lost = new WeakMap<Variable, unknown>();
  /** What went wrong on the device since the last read. */
  #fault: Error | null = null;
  disposed = false;
  readonly onRestored = new Set<() => void>();
  /** A device of the user's own stays in the end: it may be in use elsewhere. */
  readonly #given: GPUDevice | undefined;

  /** `acquire` gets a new device for one that is lost. */
  constructor(gpu: GPUDevice, acquire: () => Promise<GPUDevice>, given: GPUDevice | undefined) {
    this.label = `webgpu:${made++}`;
    this.#acquire = acquire;
    this.#given = given;
    this.session = this.#begin(gpu, null);
    this.limits = {
      bindings: gpu.limits.maxStorageBuffersPerShaderStage,
      bindingBytes: gpu.limits.maxStorageBufferBindingSize,
      epilogueCopies: (product) => epilogueCopies(sizesOf(product), this.session.tuning.adapter),
      packedPlace: (variable) => this.session.homes.packedPlace(variable),
      target: {
        bindings: gpu.limits.maxStorageBuffersPerShaderStage,
        workgroupMemory: gpu.limits.maxComputeWorkgroupStorageSize,
        workgroupSize: gpu.limits.maxComputeInvocationsPerWorkgroup,
        software: isSoftware(gpu.adapterInfo),
        longRows: this.session.tuning.longRows,
      },
    };
  }

  get gpu(): GPUDevice {
    return this.session.gpu;
  }

  get memory(): Memory {
    return this.session.buffers.memory;
  }

  check(): void {
    if (this.disposed) throw new DeviceError(`${this.label} was disposed`);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    if (this.gpu !== this.#given) this.gpu.destroy();
  }

  #begin(gpu: GPUDevice, previous: Session | null): Session {
    // Dawn in Node keeps whatever waits for a device to be lost.
    const self = new WeakRef(this);
    void gpu.lost.then(({ message }) => {
      const backend = self.deref();
      if (backend) backend.#replace(gpu, message);
    });
    if (gpu === this.#given) unreachable.unregister(gpu);
    else unreachable.register(this, gpu, gpu);
    return new Session(gpu, previous, (error) => self.deref()?.report(error));
  }

  /** After a loss: a new device, and on it the variables that the snapshot holds. */
  #replace(gpu: GPUDevice, message: string): void {
    unreachable.unregister(gpu);
    if (this.disposed || gpu !== this.gpu) return;
    const { homes } = this.session;
    const variables = homes.variables;
    this.epoch++;
    for (const v of variables) if (!this.#snapshot.variables.get(v)) this.lose(v, lostValue(v));
    this.#snapshot.recompute();
    const previous = this.session;
    const recovery = this.#acquire().then(
      (next) => {
        this.session = this.#begin(next, previous);
        for (const v of variables) {
          const data = this.#snapshot.variables.get(v);
          if (data) this.#write(v, data);
        }
        if (this.recovery !== recovery) return;
        this.recovery = null;
        // What a callback throws is its own affair.
        for (const tell of this.onRestored) queueMicrotask(tell);
      },
      (cause: unknown) => {
        throw new DeviceLostError(`the device was lost (${message}) and there is no other`, {
          cause,
        });
      },
    );
    recovery.catch(() => {});
    this.recovery = recovery;
  }

  prepare(program: Program, options?: PrepareOptions): Executable {
    this.check();
    return new GpuExecutable(this, program, options);
  }

  /** Adds a task; after a loss it waits for the new device. It fails if the device is lost before its turn. */
  enqueue({ holds, ready, run, fail }: Task): void {
    const { epoch, recovery } = this;
    const isLost = () => epoch !== this.epoch;
    this.#queue.add({
      holds,
      ready: recovery ? Promise.all([recovery, ready]) : ready,
      run: () => {
        if (isLost()) throw lostWork();
        return run();
      },
      fail: (error) => fail(isLost() ? lostWork(error) : error),
    });
  }

  /** Resolves when all that has been asked for so far has been submitted. */
  idle(): Promise<void> {
    return this.inTurn([], null, async () => {});
  }

  /** Resolves when the device has done all that has been submitted. */
  async finished(): Promise<void> {
    await promised(this.gpu, this.gpu.queue.onSubmittedWorkDone());
  }

  /** Does something after all that was asked for before, and nothing else until it is done. */
  inTurn<T>(
    holds: readonly Storage[],
    ready: Promise<unknown> | null,
    action: () => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async () => resolve(await action());
      this.enqueue({ holds, ready, run, fail: reject });
    });
  }

  /** Room for a value. */
  allocate(bytes: number): GpuStorage {
    const storage = new GpuStorage(this, this.epoch);
    const place = () => storage.place(this.session.buffers.value(wholeWords(Math.max(1, bytes))));
    // After a loss there is room on the next device only.
    if (this.recovery) {
      // One that was let go meanwhile takes none.
      const fail = (error: unknown) => (storage.error = error);
      this.enqueue({ holds: [], ready: null, run: place, fail });
    } else {
      place();
    }
    return storage;
  }

  /** Throws where a variable has no value. */
  checkVariable(variable: Variable): void {
    if (this.#lost.has(variable)) throw this.#lost.get(variable);
  }

  /** Notes that a variable is about to be given a value: what was lost does not matter any more. Returns whether it had none. */
  expectValue(variable: Variable): boolean {
    return this.#lost.delete(variable) || !this.session.homes.has(variable);
  }

  lose(variable: Variable, error: unknown): void {
    this.#lost.set(variable, error instanceof DeviceLostError ? lostValue(variable) : error);
  }

  /** Where a variable lies, for it to be given a value. */
  homeToWrite(variable: Variable): { buffer: GPUBuffer; offset: number } {
    this.expectValue(variable);
    return this.session.homes.of(variable);
  }

  /** Where a value lies on the device. */
  placeOf(x: Tensor): { buffer: GPUBuffer; offset: number } {
    return x.source?.kind === "variable"
      ? this.session.homes.of(x.source.variable)
      : this.#storageOf(x).range;
  }

  /** Whether an argument's value may be used where it lies; host data is brought to the device for good if there is room. */
  hasOwnPlace(x: Tensor): boolean {
    const { source } = x;
    if (source?.kind === "stored") return true;
    if (source?.kind !== "constant") return false;
    const { uploaded, buffers } = this.session;
    return uploaded.has(source) || buffers.canKeep(sizeInBytes(x));
  }

  /** The value of a stored tensor or of a constant; a constant is brought here the first time. */
  #storageOf(x: Tensor): GpuStorage {
    const { source } = x;
    if (source?.kind === "stored") {
      const storage = source.storage as GpuStorage;
      if (storage.error) throw storage.error;
      return storage.epoch === this.epoch ? storage : this.#restored(x);
    }
    if (source?.kind !== "constant") throw new DeviceError(`${describe(x)} has no value`);
    return this.#upload(x, source.data);
  }

  /** The value of a tensor that went with a lost device, from the snapshot. */
  #restored(x: Tensor): GpuStorage {
    const data = this.#snapshot.constants.get(x);
    if (!data) throw goneWithDevice(x);
    return this.#upload(x, data);
  }

  #upload(x: Tensor, data: HostArray): GpuStorage {
    const { uploaded, gpu } = this.session;
    const source = x.source!;
    const known = uploaded.get(source);
    if (known) return known;
    const storage = this.allocate(sizeInBytes(x));
    const { buffer, offset } = storage.range;
    gpu.queue.writeBuffer(buffer, offset, toDevice(data, x.dtype));
    uploaded.set(source, storage);
    releaseWith(source, storage);
    return storage;
  }

  async read(storage: Storage, spec: Spec): Promise<HostArray> {
    this.check();
    const own = storage as GpuStorage;
    const bytes = await this.readRange(
      [own],
      () => this.#rangeOf(own),
      sizeInBytes({ size: sizeOf(spec.shape), dtype: spec.dtype }),
    );
    return fromDevice(bytes, spec.dtype);
  }

  /** Reads bytes from a place that is looked up when everything asked for before has been submitted. */
  readRange(
    holds: readonly Storage[],
    place: () => { buffer: GPUBuffer; offset: number },
    size: number,
  ): Promise<ArrayBuffer> {
    return new Promise((resolve, reject) => {
      this.enqueue({
        holds,
        ready: null,
        run: () => void this.readNow(place(), size).then(resolve, reject),
        fail: reject,
      });
    });
  }

  /** Reads what has been submitted. */
  async readNow(
    { buffer, offset }: { buffer: GPUBuffer; offset: number },
    size: number,
  ): Promise<ArrayBuffer> {
    this.#throwFault();
    const bytes = await this.session.readback.read(buffer, offset, size);
    this.#throwFault();
    return bytes;
  }

  #throwFault(): void {
    const fault = this.#fault;
    this.#fault = null;
    if (fault) throw fault;
  }

  async expose(storage: Storage): Promise<GpuRange> {
    return this.inTurn([storage], null, async () => {
      const { buffer, offset, size } = this.#rangeOf(storage as GpuStorage);
      return { buffer, offset, size };
    });
  }

  /** Where a value lies that is still there. */
  #rangeOf(storage: GpuStorage): GpuStorage["range"] {
    if (storage.error) throw storage.error;
    if (storage.epoch !== this.epoch) {
      throw new DeviceLostError("the value was lost with its device");
    }
    return storage.range;
  }

  round(data: HostArray, dtype: Dtype): HostArray {
    return isFloat(dtype) && data instanceof Float64Array ? Float32Array.from(data) : data;
  }

  #write(variable: Variable, data: HostArray): void {
    const { buffer, offset } = this.homeToWrite(variable);
    this.gpu.queue.writeBuffer(buffer, offset, toDevice(data, variable.dtype));
  }

  restore(variable: Variable, storage: Storage): void {
    const own = storage as GpuStorage;
    this.#do([own], () => {
      if (own.epoch !== this.epoch || own.error) return;
      this.#copy(own.range, this.homeToWrite(variable), sizeInBytes(variable));
    });
  }

  copyOf(variable: Variable): Storage {
    this.check();
    const isLost = this.#lost.has(variable);
    const storage = this.allocate(isLost ? 0 : sizeInBytes(variable));
    if (isLost) {
      storage.error = this.#lost.get(variable);
      return storage;
    }
    this.enqueue({
      holds: [storage],
      ready: null,
      run: () => this.#copy(this.session.homes.of(variable), storage.range, sizeInBytes(variable)),
      fail: (error) => (storage.error = error),
    });
    return storage;
  }

  forget(variable: Variable): void {
    this.#do([], () => this.session.homes.forget(variable));
  }

  /** Keeps the value of a tensor that compiled functions use as a constant in snapshots. */
  keepConstant(x: Tensor): void {
    this.#snapshot.keep(x, (y) => this.#hostCopy(y));
  }

  #hostCopy(x: Tensor): Promise<HostArray> {
    const place = () => {
      // A loss takes it back, to be computed again.
      if (!x.source) throw goneWithDevice(x);
      return this.placeOf(x);
    };
    return this.readRange(storagesOf([x]), place, sizeInBytes(x)).then((bytes) =>
      fromDevice(bytes, x.dtype),
    );
  }

  async snapshot(): Promise<void> {
    this.check();
    // A variable has a place when the first write to it has been submitted.
    await this.idle();
    await this.#snapshot.take(this.session.homes.variables, (x) => this.#hostCopy(x));
  }

  /** Makes the next read reject with an error that nobody has been told of; a lost device is no news. */
  report(error: unknown): void {
    if (!(error instanceof DeviceLostError)) this.#fault ??= error as Error;
  }

  /** Does what nobody waits for. */
  #do(holds: readonly Storage[], run: () => void): void {
    this.enqueue({ holds, ready: null, run, fail: (error) => this.report(error) });
  }

  #copy(from: Position, to: Position, size: number): void {
    if (size === 0) return;
    const encoder = this.gpu.createCommandEncoder();
    copyBytes(encoder, from, to, size);
    this.gpu.queue.submit([encoder.finish()]);
  }
}

const lostWork = (cause?: unknown) =>
  new DeviceLostError("the device was lost before it was done", { cause });

const goneWithDevice = (x: Tensor) =>
  new DeviceLostError(`${describe(x)} was lost with its device`);

const lostValue = (variable: Variable) =>
  new DeviceLostError(
    `the value of variable ${describe(variable)} was lost with the device, and no snapshot holds it; ` +
      "take one now and then: await device.snapshot()",
  );
