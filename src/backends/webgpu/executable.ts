import { sizeInBytes } from "../../base/dtype.ts";
import type {
  Executable,
  Observation,
  Plan,
  PrepareOptions,
  Storage,
} from "../../graph/backend.ts";
import type { Program } from "../../graph/program.ts";
import { Tensor, type Source } from "../../graph/tensor.ts";
import type { Variable } from "../../graph/variable.ts";
import { tensorsWritten } from "../../plan/nest.ts";
import { planProgram, type KernelPlan } from "../../plan/plan.ts";
import { BoundPlan, encode } from "./bound-plan.ts";
import { copyBytes, type Position } from "./device/copy.ts";
import { fromDevice, toDevice } from "./device/device-format.ts";
import { PreparedKernels } from "./prepared-kernels.ts";
import { reportPlan } from "./report.ts";
import { storagesOf, type GpuStorage } from "./device/storage.ts";
import type { WebGpuBackend } from "./webgpu-backend.ts";

/** A submission is kept under about half a second: drivers kill longer ones, and a page must stay responsive. */
const LONGEST_SUBMISSION = 400;

/** What a run is given and leaves behind. */
interface Invocation {
  args: readonly Tensor[];
  /** Which of the arguments are bound where they lie; the others are copied to their places first. */
  inPlace: readonly boolean[];
  outputs: readonly GpuStorage[];
}

/** A plan and what it is carried out with. */
interface Prepared {
  layout: KernelPlan;
  kernels: PreparedKernels;
  /** Variables whose old values are read, and all that are read or written. */
  reads: readonly Variable[];
  variables: readonly Variable[];
}

/** How an executable is prepared: also whether its values may share memory. */
type Options = PrepareOptions & { reuse?: boolean };

/** A program as dispatches that are prepared once and replayed. */
export class GpuExecutable implements Executable {
  readonly #backend: WebGpuBackend;
  readonly #program: Program;
  readonly #options: Options;
  #prepared: Prepared;
  /** Whether the variables lie, or are going to, as the plan wishes. */
  #granted = false;
  #bound: BoundPlan | null = null;
  #report: Plan | null = null;
  #runs = 0;
  /** Arguments of earlier calls. One that is given again is worth bind groups of its own. */
  readonly #given = new WeakSet<Source>();
  /** How long a run takes, once that has been measured. */
  #milliseconds: number | null = null;

  constructor(backend: WebGpuBackend, program: Program, options: Options = {}) {
    this.#backend = backend;
    this.#program = program;
    this.#options = options;
    this.#prepared = this.#prepare();
  }

  /** As it is carried out once the kernels are there that run fastest. */
  get plan(): Plan {
    const { layout, kernels } = this.#prepared;
    return (this.#report ??= reportPlan(this.#program, layout, kernels.fastest));
  }

  /** A plan for the device as it is, on which that changes nothing. */
  #prepare(): Prepared {
    const backend = this.#backend;
    const layout = planProgram(this.#program, backend.limits, this.#options.reuse);
    const kernels = new PreparedKernels(backend, layout, this.#options);
    const { places } = layout.memory;
    const nodes = [...places.keys()];
    for (const x of nodes) if (x.source?.kind === "stored") backend.keepConstant(x);
    const variables = [...places.values()].flatMap((place) =>
      place.kind === "variable" ? [place.variable] : [],
    );
    return { layout, kernels, reads: variablesOf(nodes), variables };
  }

  /**
   * Has the variables lie as the plan wishes. Where another plan has them lie otherwise by now, it is made again, and
   * wishes for what can still be.
   */
  #claim(): void {
    if (this.#granted) return;
    const { homes } = this.#backend.session;
    if (!homes.grant(this.#prepared.layout.wishes)) {
      this.#prepared = this.#prepare();
      this.#report = null;
      homes.grant(this.#prepared.layout.wishes);
    }
    this.#granted = true;
  }

  /** The kernels for the device that the backend has now. */
  get #kernels(): PreparedKernels {
    const prepared = this.#prepared;
    if (prepared.kernels.epoch !== this.#backend.epoch) {
      prepared.kernels = new PreparedKernels(this.#backend, prepared.layout, this.#options);
    }
    return prepared.kernels;
  }

  async ready(): Promise<void> {
    const kernels = this.#kernels;
    await kernels.waitsFor;
    void kernels.quicken();
  }

  run(args: readonly Tensor[], n = 1): Storage[] {
    const backend = this.#backend;
    this.#claim();
    const { reads } = this.#prepared;
    for (const variable of [...reads, ...variablesOf(args)]) backend.checkVariable(variable);
    for (const { error } of storagesOf(args)) if (error) throw error;
    this.#runs += n;
    const kernels = this.#kernels;
    if (this.#runs > 1) void kernels.quicken();
    const outputs = this.#allocate(n);
    const assigned = this.#program.effects.map(({ variable }) => variable);
    const regained = assigned.filter((variable) => backend.expectValue(variable));
    const taken = { args: args.map(asItIs), inPlace: this.#inPlace(args), outputs };
    backend.enqueue({
      holds: [...storagesOf(args), ...outputs],
      ready: kernels.waitsFor,
      run: () => (n === 1 ? this.#submit(taken, 0, 1) : this.#submitMany(taken, n)),
      fail: (error) => {
        for (const output of outputs) output.error = error;
        for (const variable of regained) backend.lose(variable, error);
        // Whoever reads next hears of what was not assigned.
        if (assigned.length > 0) backend.report(error);
      },
    });
    return outputs;
  }

  /**
   * Which arguments are bound where they lie: those that were given before, so that a loop over fresh batches makes no
   * bind groups. One that is also a result is copied to it, perhaps within one buffer, which is not allowed.
   */
  #inPlace(args: readonly Tensor[]): boolean[] {
    const { outputs, copies } = this.#prepared.layout;
    const isResult = (x: Tensor) => outputs.includes(x) || copies.some((e) => e.value === x);
    const inPlace = args.map(
      (x, i) => x.size > 0 && this.#given.has(x.source!) && !isResult(this.#program.inputs[i]),
    );
    for (const { source } of args) this.#given.add(source!);
    return inPlace;
  }

  /** Room for the outputs of n runs; for none of them where there is none for all. */
  #allocate(n: number): GpuStorage[] {
    const outputs: GpuStorage[] = [];
    try {
      for (const x of this.#prepared.layout.outputs) {
        outputs.push(this.#backend.allocate(n * sizeInBytes(x)));
      }
      return outputs;
    } catch (error) {
      for (const output of outputs) output.release();
      throw error;
    }
  }

  /** Repetitions in as few submissions as keep each short. */
  #submitMany(run: Invocation, n: number): void | Promise<void> {
    const estimate = this.#milliseconds ?? this.#guess();
    return estimate * n <= LONGEST_SUBMISSION
      ? this.#submit(run, 0, n)
      : this.#submitInChunks(run, n);
  }

  async #submitInChunks(run: Invocation, n: number): Promise<void> {
    const { epoch } = this.#backend;
    for (let done = 0; done < n && epoch === this.#backend.epoch;) {
      const estimate = this.#milliseconds ?? LONGEST_SUBMISSION;
      const chunk = Math.min(n - done, Math.max(1, Math.floor(LONGEST_SUBMISSION / estimate)));
      const start = performance.now();
      this.#submit(run, done, chunk);
      await this.#backend.finished();
      this.#milliseconds = (performance.now() - start) / chunk;
      done += chunk;
    }
  }

  /** Milliseconds of a run on a slow device: a software adapter does about 1 Gflop/s and 1 GB/s, a dispatch takes 50 µs. */
  #guess(): number {
    return this.plan.dispatches.reduce((sum, d) => sum + (d.flops + d.bytes) / 1e6 + 0.05, 0);
  }

  #submit({ args, inPlace, outputs }: Invocation, first: number, count: number): void {
    const { gpu } = this.#backend;
    const bound = this.#bind();
    const places = args.map((x, i) =>
      inPlace[i] && this.#backend.hasOwnPlace(x) ? this.#backend.placeOf(x) : null,
    );
    const placed = places.some((p) => p !== null) ? bound.dispatchesAt(places) : null;
    const dispatches = placed ?? bound.dispatches;
    const encoder = gpu.createCommandEncoder({ label: this.#program.name });
    // They stay there; a variable among them may be assigned by the first repetition.
    if (first === 0) {
      args.forEach((x, i) => {
        if (!placed || !places[i]) this.#pass(encoder, x, places[i], i, bound);
      });
    }
    for (let i = first; i < first + count; i++) {
      if (dispatches.length > 0) {
        const pass = encoder.beginComputePass({ label: this.#program.name });
        encode(pass, dispatches);
        pass.end();
      }
      this.#copyOut(encoder, outputs, i, bound);
    }
    gpu.queue.submit([encoder.finish()]);
  }

  /** Brings an argument among those of the plan, from its own place on the device if it has one there. */
  #pass(
    encoder: GPUCommandEncoder,
    x: Tensor,
    own: Position | null,
    position: number,
    bound: BoundPlan,
  ): void {
    if (x.size === 0) return;
    const to = bound.place(this.#program.inputs[position]);
    if (!own && x.source?.kind === "constant") {
      this.#backend.gpu.queue.writeBuffer(to.buffer, to.offset, toDevice(x.source.data, x.dtype));
      return;
    }
    copyBytes(encoder, own ?? this.#backend.placeOf(x), to, sizeInBytes(x));
  }

  /** What is left to do after the last dispatch: assignments that are copies, and results. */
  #copyOut(
    encoder: GPUCommandEncoder,
    outputs: readonly GpuStorage[],
    repetition: number,
    bound: BoundPlan,
  ): void {
    const copy = (x: Tensor, to: Position) => {
      if (x.size > 0) copyBytes(encoder, bound.place(x), to, sizeInBytes(x));
    };
    this.#prepared.layout.outputs.forEach((x, i) => {
      const { buffer, offset } = outputs[i].range;
      copy(x, { buffer, offset: offset + repetition * sizeInBytes(x) });
    });
    for (const { variable, value } of this.#prepared.layout.copies) {
      copy(value, this.#backend.homeToWrite(variable));
    }
  }

  /** Runs it once and reads every value that a kernel has written. */
  observe(args: readonly Tensor[]): Promise<Observation[]> {
    const apart = new GpuExecutable(this.#backend, this.#program, { reuse: false, quick: false });
    apart.run(args).forEach((s) => s.release());
    return this.#backend.inTurn([], apart.#kernels.waitsFor, () => apart.#written());
  }

  async #written(): Promise<Observation[]> {
    const bound = this.#bind();
    const { steps, packed, origin } = this.#prepared.layout;
    const written = steps
      .flat()
      .flatMap(tensorsWritten)
      .flatMap((x) => packed.get(x)?.members ?? [x]);
    const seen: Observation[] = [];
    for (const x of written) {
      const node = origin.get(x);
      if (!node?.op) continue;
      const bytes = await this.#backend.readNow(bound.place(x), sizeInBytes(x));
      seen.push({ node, data: fromDevice(bytes, x.dtype) });
    }
    return seen;
  }

  /** One run with a pass for each dispatch: by the device's timestamps, or the host's clock where it has none. */
  time(args: readonly Tensor[]): Promise<{ milliseconds: number[]; clock: "gpu" | "host" }> {
    const backend = this.#backend;
    const taken = args.map(asItIs);
    this.#claim();
    const ready = this.#kernels.quicken();
    return backend.inTurn(storagesOf(args), ready, async () => {
      const { gpu } = backend;
      const bound = this.#bind();
      const encoder = gpu.createCommandEncoder();
      taken.forEach((x, i) => this.#pass(encoder, x, null, i, bound));
      gpu.queue.submit([encoder.finish()]);
      // The next in the queue waits for this one, so nothing comes in between.
      const { timeDispatches } = await import("./device/timing.ts");
      return timeDispatches(
        gpu,
        bound.dispatches.map((d) => (pass) => encode(pass, [d])),
        (buffer, size) => backend.readNow({ buffer, offset: 0 }, size),
        () => backend.finished(),
      );
    });
  }

  /** The dispatches with their buffers; made at the first run, and again where a variable has moved or a kernel been replaced. */
  #bind(): BoundPlan {
    const backend = this.#backend;
    const { layout, kernels, variables } = this.#prepared;
    for (const { variable } of this.#program.effects) backend.homeToWrite(variable);
    for (const variable of variables) backend.session.homes.of(variable);
    const made = kernels.made!;
    if (!this.#bound?.holdsFor(made)) this.#bound = new BoundPlan(backend, layout, made);
    return this.#bound;
  }
}

/** An argument with the value that it has now: its owner may dispose it before it is used. */
function asItIs(x: Tensor): Tensor {
  const same = new Tensor(x);
  same.source = x.source;
  return same;
}

const variablesOf = (nodes: readonly Tensor[]) =>
  nodes.flatMap((x) => (x.source?.kind === "variable" ? [x.source.variable] : []));
