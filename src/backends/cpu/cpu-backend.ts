import { hostArray, isFloat, sizeInBytes, type Dtype, type HostArray } from "../../base/dtype.ts";
import { DeviceError } from "../../base/errors.ts";
import type { Backend, Executable, Memory, Observation, Storage } from "../../graph/backend.ts";
import { constantOf } from "../../graph/build.ts";
import type { Program } from "../../graph/program.ts";
import { describe, type Tensor } from "../../graph/tensor.ts";
import type { Variable } from "../../graph/variable.ts";
import { evaluateReal, interpret, type Evaluate } from "./interpret.ts";
import { planOf } from "./reference-plan.ts";

/** The digits of the reference: all that it has, or those of a GPU after every op. */
export type Precision = "float64" | "float32";

let made = 0;

/** The reference as a device of its own: the graph interpreted in float64, right before fast. */
export class CpuBackend implements Backend {
  readonly label: string;
  readonly precision: Precision;
  /** How one op is computed. */
  protected evaluate: Evaluate<HostArray>;
  #variables = new WeakMap<Variable, HostArray>();
  /** Variables that have no value, and why. */
  readonly #lost = new WeakMap<Variable, unknown>();
  readonly #collected = new FinalizationRegistry<number>((bytes) => this.#count(-bytes, -1));
  readonly memory: Memory = { bytes: 0, peakBytes: 0, buffers: 0, tensors: 0 };
  disposed = false;

  /** What the device says of itself. */
  get info() {
    return {
      backend: "cpu" as const,
      vendor: "cotangent",
      architecture: this.precision,
      isFallback: false,
      features: [],
      limits: {},
    };
  }

  constructor(precision: Precision) {
    this.precision = precision;
    this.evaluate = evaluateReal(precision);
    this.label = `cpu:${made++}`;
  }

  check(): void {
    if (this.disposed) throw new DeviceError(`${this.label} was disposed`);
  }

  dispose(): void {
    this.disposed = true;
    this.#variables = new WeakMap();
  }

  prepare(program: Program): Executable {
    const roots = [...program.outputs, ...program.effects.map((e) => e.value)];
    const runOnce = (args: readonly Tensor[]): Storage[] => {
      this.check();
      const leaf = (x: Tensor) => this.#valueOf(x, args);
      const values = interpret(roots, leaf, this.evaluate);
      const outputs = values.slice(0, program.outputs.length);
      program.effects.forEach(({ variable }, i) => {
        this.#write(variable, values[outputs.length + i]);
      });
      return outputs.map((value, i) => this.#store(value, program.outputs[i].dtype));
    };
    const plan = planOf(roots);
    return {
      plan,
      ready: async () => {},
      time: async (args) => ({ milliseconds: this.#time(roots, args), clock: "host" }),
      observe: async (args) => {
        const seen: Observation[] = [];
        interpret(
          roots,
          (x) => this.#valueOf(x, args),
          this.evaluate,
          (node, data) => seen.push({ node, data }),
        );
        return seen;
      },
      run: (args, n = 1) => {
        if (n === 1) return runOnce(args);
        const taken = args.map((x) => constantOf(this.#valueOf(x, args), x));
        const results = program.outputs.map((x) => hostArray(x.dtype, n * x.size));
        for (let i = 0; i < n; i++) {
          runOnce(taken).forEach((storage, k) => {
            const data = this.#take(storage);
            results[k].set(data, i * data.length);
          });
        }
        return results.map((data, i) => this.#store(data, program.outputs[i].dtype));
      },
    };
  }

  #time(roots: readonly Tensor[], args: readonly Tensor[]): number[] {
    const milliseconds: number[] = [];
    interpret(
      roots,
      (x) => this.#valueOf(x, args),
      (application, inputs) => {
        const start = performance.now();
        const results = this.evaluate(application, inputs);
        milliseconds.push(performance.now() - start);
        return results;
      },
    );
    return milliseconds;
  }

  #valueOf(x: Tensor, args: readonly Tensor[]): HostArray {
    const { source } = x;
    switch (source?.kind) {
      case "constant":
        return this.round(source.data, x.dtype);
      case "input":
        return this.#valueOf(args[source.position], args);
      case "variable":
        return this.#valueOfVariable(source.variable);
      case "stored":
        return (source.storage as CpuStorage).data;
      default:
        throw new DeviceError(`${describe(x)} has no value`);
    }
  }

  #valueOfVariable(variable: Variable): HostArray {
    if (this.#lost.has(variable)) throw this.#lost.get(variable);
    const value = this.#variables.get(variable);
    if (!value) throw new DeviceError(`${describe(variable)} has no value on ${this.label}`);
    return value;
  }

  #store(data: HostArray, dtype: Dtype): CpuStorage {
    const bytes = sizeInBytes({ size: data.length, dtype });
    this.memory.tensors++;
    this.#count(bytes, 1);
    return new CpuStorage(this, data, () => {
      this.memory.tensors--;
      this.#count(-bytes, -1);
    });
  }

  #take(storage: Storage): HostArray {
    const { data } = storage as CpuStorage;
    storage.release();
    return data;
  }

  #count(bytes: number, buffers: number): void {
    const { memory } = this;
    memory.bytes += bytes;
    memory.buffers += buffers;
    memory.peakBytes = Math.max(memory.peakBytes, memory.bytes);
  }

  round(data: HostArray, dtype: Dtype): HostArray {
    return isFloat(dtype) && this.precision === "float32" ? data.map(Math.fround) : data;
  }

  read(storage: Storage): Promise<HostArray> {
    this.check();
    return Promise.resolve((storage as CpuStorage).data);
  }

  #write(variable: Variable, data: HostArray): void {
    if (!this.#variables.has(variable)) {
      this.#count(sizeInBytes(variable), 1);
      this.#collected.register(variable, sizeInBytes(variable), variable);
    }
    this.#variables.set(variable, this.round(data, variable.dtype));
    this.#lost.delete(variable);
  }

  lose(variable: Variable, error: unknown): void {
    this.#lost.set(variable, error);
  }

  expose(): Promise<never> {
    return Promise.reject(new DeviceError(`gpuBuffer: ${this.label} has no GPU memory`));
  }

  forget(variable: Variable): void {
    if (this.#variables.delete(variable)) this.#count(-sizeInBytes(variable), -1);
    this.#collected.unregister(variable);
  }

  /** Nothing here is ever lost. */
  snapshot(): Promise<void> {
    this.check();
    return Promise.resolve();
  }

  restore(variable: Variable, storage: Storage): void {
    const own = storage as CpuStorage;
    if (!own.error) this.#variables.set(variable, own.data);
  }

  copyOf(variable: Variable): Storage {
    this.check();
    const isLost = this.#lost.has(variable);
    const storage = this.#store(
      isLost ? hostArray(variable.dtype, 0) : this.#valueOfVariable(variable),
      variable.dtype,
    );
    storage.error = this.#lost.get(variable);
    return storage;
  }
}

class CpuStorage implements Storage {
  readonly backend: Backend;
  /** Why there is no value. */
  error: unknown = null;
  readonly #data: HostArray;
  readonly #free: () => void;
  #holders = 1;

  constructor(backend: Backend, data: HostArray, free: () => void) {
    this.backend = backend;
    this.#data = data;
    this.#free = free;
  }

  get data(): HostArray {
    if (this.error) throw this.error;
    return this.#data;
  }

  retain(): void {
    this.#holders++;
  }

  release(): void {
    if (--this.#holders === 0) this.#free();
  }
}
