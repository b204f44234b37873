import { hostArray, type HostArray } from "../../src/base/dtype.ts";
import { DeviceError } from "../../src/base/errors.ts";
import { sizeOf } from "../../src/base/shape.ts";
import type { Backend, Executable, Memory, Storage } from "../../src/graph/backend.ts";
import type { Spec } from "../../src/graph/op.ts";
import { outlineOf } from "../../src/graph/outline.ts";
import type { Program } from "../../src/graph/program.ts";
import { topologicalOrder, type Tensor } from "../../src/graph/tensor.ts";
import type { Variable } from "../../src/graph/variable.ts";

/** A backend that computes nothing but prints what there is to compute: all that a backend has to have. All values are 0. */
export class PrintingBackend implements Backend {
  readonly label = "printer";
  readonly memory: Memory = { bytes: 0, peakBytes: 0, buffers: 0, tensors: 0 };
  disposed = false;
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  prepare(program: Program): Executable {
    const roots = [...program.outputs, ...program.effects.map(({ value }) => value)];
    const { lines, nameOf } = listingOf(roots);
    const run = (n: number): Storage[] => {
      this.check();
      if (n > 1) this.#print(`${n} times:`);
      lines.forEach(this.#print);
      for (const { variable, value } of program.effects) {
        this.#print(`v${variable.id} ← ${nameOf(value)}`);
      }
      if (program.outputs.length > 0) this.#print(`return ${program.outputs.map(nameOf)}`);
      return program.outputs.map(() => this.#nothing());
    };
    return {
      plan: { ...outlineOf(roots), dispatches: [], memory: [] },
      ready: () => Promise.resolve(),
      run: (_, n = 1) => run(n),
      observe: () => Promise.resolve([]),
      time: () => Promise.resolve({ milliseconds: [], clock: "host" }),
    };
  }

  read(_: Storage, { shape, dtype }: Spec): Promise<HostArray> {
    this.check();
    return Promise.resolve(hostArray(dtype, sizeOf(shape)));
  }

  round(data: HostArray): HostArray {
    return data;
  }

  expose(): Promise<never> {
    return Promise.reject(new DeviceError(`gpuBuffer: ${this.label} has no GPU memory`));
  }

  copyOf(variable: Variable): Storage {
    this.#print(`copy v${variable.id}`);
    return this.#nothing();
  }

  /** Whoever keeps values frees them here, and in `release` of a storage. */
  forget(): void {}

  lose(variable: Variable): void {
    this.#print(`lose v${variable.id}`);
  }

  restore(): void {}

  snapshot(): Promise<void> {
    return Promise.resolve();
  }

  check(): void {
    if (this.disposed) throw new DeviceError(`${this.label} was disposed`);
  }

  dispose(): void {
    this.disposed = true;
  }

  #nothing(): Storage {
    return { backend: this, retain() {}, release() {} };
  }
}

/** A line for each application of an op; results are numbered, and sources named after what they are. */
function listingOf(roots: readonly Tensor[]) {
  const names = new Map<Tensor, string>();
  const lines: string[] = [];
  for (const x of topologicalOrder(roots)) {
    const { application } = x;
    if (!application) names.set(x, sourceName(x));
    else if (!names.has(x)) {
      const { op, inputs, results } = application;
      for (const y of results) names.set(y, `x${names.size}`);
      const call = `${op.name}(${inputs.map((input) => names.get(input)).join(", ")})`;
      lines.push(`${results.map((y) => names.get(y)).join(", ")} = ${call}`);
    }
  }
  return { lines, nameOf: (x: Tensor) => names.get(x)! };
}

function sourceName({ source }: Tensor): string {
  if (source?.kind === "constant" && source.data.length === 1) return String(source.data[0]);
  if (source?.kind === "input") return `argument ${source.position}`;
  if (source?.kind === "variable") return `v${source.variable.id}`;
  return source?.kind ?? "nothing";
}
