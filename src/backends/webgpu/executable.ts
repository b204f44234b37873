import { sizeInBytes } from "../../base/dtype.ts";
import { OutOfMemoryError } from "../../base/errors.ts";
import { show } from "../../base/shape.ts";
import type {
  Executable,
  Observation,
  OnProgress,
  Plan,
  PrepareOptions,
  Storage,
} from "../../graph/backend.ts";
import type { Program } from "../../graph/program.ts";
import { Tensor, type Source } from "../../graph/tensor.ts";
import type { Variable } from "../../graph/variable.ts";
import { tensorsWritten } from "../../plan/nest.ts";
import { planProgram, type KernelPlan } from "../../plan/plan.ts";
import type { WebGpuBackend } from "./webgpu-backend.ts";
import { boundBytes, type Slot } from "./kernels/bindings.ts";

import { copyBytes, type Position } from "./device/copy.ts";
import { fromDevice, toDevice } from "./device/device-format.ts";
import { GRID_X } from "./kernels/kernel.ts";
import { kernelsOf, type StepKernel } from "./kernels/plan-kernels.ts";
import { Placements } from "./placements.ts";
import { reportPlan } from "./report.ts";
import { storagesOf, type GpuStorage } from "./device/storage.ts";
import { amountOfBytes } from "./units.ts";

/** A submission is kept under about half a second: drivers kill longer ones, and a page must stay responsive. */
const LONGEST_SUBMISSION = 400;

/** A dispatch ready to be encoded. */
interface BoundDispatch {
  pipeline: GPUComputePipeline;
  bindGroup: GPUBindGroup;
  x: number;
  y: number;
}

/** The buffers that a plan uses. */
interface Arenas {
  values: GPUBuffer;
  arguments: GPUBuffer;
}

/** All dispatches with their buffers, and which state of the variables' places they were made for. */
interface BoundPlan {
  arenas: Arenas;
  dispatches: readonly BoundDispatch[];
  /** The dispatches for arguments that are bound where they lie. */
  placed: Placements<readonly BoundDispatch[]>;
  homes: number;
}

/** What a run is given and leaves behind. */
interface Invocation {
  args: readonly Tensor[];
  /** Which of the arguments are bound where they lie; the others are copied to their places first. */
  inPlace: readonly boolean[];
  outputs: readonly GpuStorage[];
}

/** A plan with the kernels that it has now. */
interface PlanWithKernels {
  layout: KernelPlan;
  kernels: StepKernel[];
  /** Variables whose old values are read, and all that are read or written. */
  reads: readonly Variable[];
  variables: readonly Variable[];
}

/** A program as dispatches that are prepared once and replayed. */
export class GpuExecutable implements Executable {
  readonly #backend: WebGpuBackend;
  readonly #program: Program;
  readonly #onProgress: OnProgress | undefined;
  /** Whether values may share memory. */
  readonly #reuse: boolean;
  #planned: PlanWithKernels;
  /** Whether the variables lie, or are going to, as the plan wishes. */
  #granted = false;
  #pipelines: GPUComputePipeline[] | null = null;
  /** Settled when the pipelines are there; null where they are not being made. */
  #ready: Promise<void> | null = null;
  /** Whether the first runs have kernels that compile sooner and run slower. */
  readonly #quick: boolean;
  #runs = 0;
  /** Settled when the kernels are there that run fastest; null before anybody asked for them. */
  #fastest: Promise<void> | null = null;
  #report: Plan | null = null;
  #epoch: number;
  #bound: BoundPlan | null = null;
  /** Arguments of earlier calls. One that is given again is worth bind groups of its own. */
  readonly #given = new WeakSet<Source>();
  /** How long a run takes, once that has been measured. */
  #milliseconds: number | null = null;

  constructor(
    backend: WebGpuBackend,
    program: Program,
    { reuse = true, quick, onProgress }: PrepareOptions & { reuse?: boolean } = {},
  ) {
    this.#backend = backend;
    this.#program = program;
    this.#onProgress = onProgress;
    this.#reuse = reuse;
    this.#quick = quick ?? backend.session.tuning.adapter.software;
    this.#planned = this.#makePlan();
    this.#epoch = backend.epoch;
    void this.#prepare();
  }

  /** As it is carried out once the kernels are there that run fastest. */
  get plan(): Plan {
    const { layout } = this.#planned;
    return (this.#report ??= reportPlan(this.#program, layout, this.#fastKernels()));
  }

  /** A plan for the device as it is, on which that changes nothing. */
  #makePlan(): PlanWithKernels {
    const backend = this.#backend;
    const layout = planProgram(this.#program, backend.limits, this.#reuse);
    const { pipelines, tuning } = backend.session;
    // Each is compiled while the next is written. Whoever asks for it again, to run it, hears of a failure.
    const kernels = kernelsOf(layout, { ...tuning, quick: this.#quick }, (kernel) =>
      pipelines.of(kernel).catch(() => {}),
    );
    for (const kernel of kernels) this.#checkLimits(kernel);
    const { places } = layout.memory;
    const nodes = [...places.keys()];
    for (const x of nodes) if (x.source?.kind === "stored") backend.keepConstant(x);
    const variables = [...places.values()].flatMap((place) =>
      place.kind === "variable" ? [place.variable] : [],
    );
    return { kernels, layout, reads: variablesOf(nodes), variables };
  }

  /**
   * Has the variables lie as the plan wishes. Where another plan has them lie otherwise by now, it is made again, and
   * wishes for what can still be.
   */
  #claim(): void {
    if (this.#granted) return;
    const { homes } = this.#backend.session;
    if (!homes.grant(this.#planned.layout.wishes)) {
      this.#planned = this.#makePlan();
      this.#pipelines = this.#fastest = this.#report = null;
      void this.#prepare();
      homes.grant(this.#planned.layout.wishes);
    }
    this.#granted = true;
  }

  #checkLimits(kernel: StepKernel): void {
    const { maxStorageBufferBindingSize: most } = this.#backend.gpu.limits;
    for (const slot of kernel.slots) {
      if (boundBytes(slot) <= most) continue;
      const { tensor } = slot;
      throw new OutOfMemoryError(
        `${kernel.name}: a ${tensor.dtype} tensor of shape ${show(tensor.shape)} takes ${amountOfBytes(sizeInBytes(tensor))}; ` +
          `this adapter binds at most ${amountOfBytes(most)} (maxStorageBufferBindingSize)`,
      );
    }
  }

  /** Has the pipelines made. A run that waits for them reports a failure; the next one tries again. */
  #prepare(): Promise<void> {
    const ready = this.#compile();
    this.#ready = ready;
    ready.catch(() => {
      if (this.#ready === ready) this.#ready = null;
    });
    return ready;
  }

  async #compile(): Promise<void> {
    const [epoch, planned] = [this.#epoch, this.#planned];
    // After a loss, shaders are compiled for the next device.
    if (this.#backend.recovery) await this.#backend.recovery;
    const pipelines = await this.#makePipelines(planned);
    // Those of a device that was lost meanwhile are of no use, nor those of a plan that was made again.
    if (epoch === this.#epoch && planned === this.#planned) this.#pipelines = pipelines;
  }

  #fastKernels(): readonly StepKernel[] {
    const { kernels, layout } = this.#planned;
    return this.#quick ? kernelsOf(layout, this.#backend.session.tuning) : kernels;
  }

  /**
   * Has the kernels made that run fastest, for the runs after that. What they compute is the same to the last bit, so that runs
   * do without one that a driver refuses; a profile says so.
   */
  #quicken(): Promise<void> {
    this.#fastest ??= this.#replaceKernels();
    this.#fastest.catch(() => {});
    return this.#fastest;
  }

  async #replaceKernels(): Promise<void> {
    await this.#waitsFor;
    const { layout, kernels } = this.#planned;
    const { epoch, session } = this.#backend;
    for (const [i, kernel] of this.#fastKernels().entries()) {
      if (kernel.wgsl === kernels[i].wgsl) continue;
      const pipeline = await session.pipelines.inTurn(kernel);
      const isStale = epoch !== this.#backend.epoch || layout !== this.#planned.layout;
      if (isStale || !this.#pipelines) return;
      kernels[i] = kernel;
      this.#pipelines[i] = pipeline;
      this.#bound = null;
    }
  }

  async #makePipelines({ kernels }: PlanWithKernels): Promise<GPUComputePipeline[]> {
    const { pipelines } = this.#backend.session;
    const made = new Map(kernels.map((kernel) => [kernel.wgsl, pipelines.of(kernel)]));
    let done = 0;
    await Promise.all(
      [...made.values()].map(async (pipeline) => {
        await pipeline;
        this.#onProgress?.({ done: ++done, total: made.size });
      }),
    );
    return Promise.all(kernels.map(({ wgsl }) => made.get(wgsl)!));
  }

  /** Makes ready for the device that the backend has now. */
  #renew(): void {
    if (this.#epoch === this.#backend.epoch) return;
    this.#epoch = this.#backend.epoch;
    this.#pipelines = this.#bound = this.#ready = this.#fastest = null;
  }

  get #waitsFor(): Promise<void> | null {
    this.#renew();
    return this.#pipelines ? null : (this.#ready ?? this.#prepare());
  }

  async ready(): Promise<void> {
    await this.#waitsFor;
    void this.#quicken();
  }

  run(args: readonly Tensor[], n = 1): Storage[] {
    const backend = this.#backend;
    this.#claim();
    for (const variable of [...this.#planned.reads, ...variablesOf(args)])
      backend.checkVariable(variable);
    for (const { error } of storagesOf(args)) if (error) throw error;
    this.#runs += n;
    if (this.#runs > 1) void this.#quicken();
    const outputs = this.#allocate(n);
    const assigned = this.#program.effects.map(({ variable }) => variable);
    const regained = assigned.filter((variable) => backend.expectValue(variable));
    const taken = { args: args.map(asItIs), inPlace: this.#inPlace(args), outputs };
    backend.enqueue({
      holds: [...storagesOf(args), ...outputs],
      ready: this.#waitsFor,
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
    const { outputs, copies } = this.#planned.layout;
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
      for (const x of this.#planned.layout.outputs) {
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
    const placed = places.some((p) => p !== null)
      ? bound.placed.of(places, () => this.#dispatches(bound.arenas, places, bound.dispatches))
      : null;
    const dispatches = placed ?? bound.dispatches;
    const encoder = gpu.createCommandEncoder({ label: this.#program.name });
    // They stay there; a variable among them may be assigned by the first repetition.
    if (first === 0) {
      args.forEach((x, i) => {
        if (!placed || !places[i]) this.#pass(encoder, x, places[i], i, bound.arenas);
      });
    }
    for (let i = first; i < first + count; i++) {
      if (dispatches.length > 0) {
        const pass = encoder.beginComputePass({ label: this.#program.name });
        encode(pass, dispatches);
        pass.end();
      }
      this.#copyOut(encoder, outputs, i, bound.arenas);
    }
    gpu.queue.submit([encoder.finish()]);
  }

  /** Brings an argument among those of the plan, from its own place on the device if it has one there. */
  #pass(
    encoder: GPUCommandEncoder,
    x: Tensor,
    own: Position | null,
    position: number,
    arenas: Arenas,
  ): void {
    if (x.size === 0) return;
    const { buffer, offset } = this.#place(this.#program.inputs[position], arenas);
    if (!own && x.source?.kind === "constant") {
      this.#backend.gpu.queue.writeBuffer(buffer, offset, toDevice(x.source.data, x.dtype));
      return;
    }
    const from = own ?? this.#backend.placeOf(x);
    copyBytes(encoder, from, { buffer, offset }, sizeInBytes(x));
  }

  /** What is left to do after the last dispatch: assignments that are copies, and results. */
  #copyOut(
    encoder: GPUCommandEncoder,
    outputs: readonly GpuStorage[],
    repetition: number,
    arenas: Arenas,
  ): void {
    const copy = (x: Tensor, to: Position) => {
      if (x.size > 0) copyBytes(encoder, this.#place(x, arenas), to, sizeInBytes(x));
    };
    this.#planned.layout.outputs.forEach((x, i) => {
      const { buffer, offset } = outputs[i].range;
      copy(x, { buffer, offset: offset + repetition * sizeInBytes(x) });
    });
    for (const { variable, value } of this.#planned.layout.copies) {
      copy(value, this.#backend.homeToWrite(variable));
    }
  }

  #place(x: Tensor, arenas: Arenas): Position {
    const place = this.#planned.layout.memory.places.get(x);
    switch (place?.kind) {
      case "arena":
        return { buffer: arenas.values, offset: place.offset };
      case "argument":
        return { buffer: arenas.arguments, offset: place.offset };
      case "variable":
        return this.#backend.session.homes.of(place.variable);
      default:
        // A source; what has no place has no value either, which is said there.
        return this.#backend.placeOf(place?.tensor ?? x);
    }
  }

  /** Runs it once and reads every value that a kernel has written. */
  observe(args: readonly Tensor[]): Promise<Observation[]> {
    const apart = new GpuExecutable(this.#backend, this.#program, { reuse: false, quick: false });
    apart.run(args).forEach((s) => s.release());
    return this.#backend.inTurn([], apart.#waitsFor, () => apart.#written());
  }

  async #written(): Promise<Observation[]> {
    const { arenas } = this.#bind();
    const { steps, packed, origin } = this.#planned.layout;
    const written = steps
      .flat()
      .flatMap(tensorsWritten)
      .flatMap((x) => packed.get(x)?.members ?? [x]);
    const seen: Observation[] = [];
    for (const x of written) {
      const node = origin.get(x);
      if (!node?.op) continue;
      const bytes = await this.#backend.readNow(this.#place(x, arenas), sizeInBytes(x));
      seen.push({ node, data: fromDevice(bytes, x.dtype) });
    }
    return seen;
  }

  /** One run with a pass for each dispatch: by the device's timestamps, or the host's clock where it has none. */
  time(args: readonly Tensor[]): Promise<{ milliseconds: number[]; clock: "gpu" | "host" }> {
    const backend = this.#backend;
    const taken = args.map(asItIs);
    this.#claim();
    const ready = this.ready().then(() => this.#quicken());
    return backend.inTurn(storagesOf(args), ready, async () => {
      const { gpu } = backend;
      const { dispatches, arenas } = this.#bind();
      const encoder = gpu.createCommandEncoder();
      taken.forEach((x, i) => this.#pass(encoder, x, null, i, arenas));
      gpu.queue.submit([encoder.finish()]);
      // The next in the queue waits for this one, so nothing comes in between.
      const { timeDispatches } = await import("./device/timing.ts");
      return timeDispatches(
        gpu,
        dispatches.map((d) => (pass) => encode(pass, [d])),
        (buffer, size) => backend.readNow({ buffer, offset: 0 }, size),
        () => backend.finished(),
      );
    });
  }

  /** The dispatches with their buffers; made at the first run, and again where a variable has moved. */
  #bind(): BoundPlan {
    const { homes, buffers } = this.#backend.session;
    const { size, argumentSize } = this.#planned.layout.memory;
    for (const { variable } of this.#program.effects) this.#backend.homeToWrite(variable);
    for (const variable of this.#planned.variables) homes.of(variable);
    if (this.#bound?.homes === homes.version) return this.#bound;
    const arenas = {
      values: buffers.arena(size, "values"),
      arguments: buffers.arena(argumentSize, "arguments"),
    };
    this.#bound = {
      arenas,
      dispatches: this.#dispatches(arenas),
      placed: new Placements(),
      homes: homes.version,
    };
    return this.#bound;
  }

  /** All dispatches, with each argument at its own place where there is one; kernels that read none are `others`. */
  #dispatches(
    arenas: Arenas,
    args: readonly (Position | null)[] = [],
    others: readonly BoundDispatch[] = [],
  ): BoundDispatch[] {
    const { gpu, session } = this.#backend;
    const ownPlace = ({ tensor }: Slot) => {
      const place = this.#planned.layout.memory.places.get(tensor);
      return place?.kind === "argument" ? (args[place.position] ?? null) : null;
    };
    return this.#planned.kernels.map((kernel, i) => {
      const { slots, workgroups } = kernel;
      if (others[i] && !slots.some(ownPlace)) return others[i];
      const entries = slots.map((slot) => {
        const place = ownPlace(slot) ?? this.#place(slot.tensor, arenas);
        return { binding: slot.index, resource: { ...place, size: boundBytes(slot) } };
      });
      const layout = session.pipelines.layoutOf(kernel).group;
      return {
        pipeline: this.#pipelines![i],
        bindGroup: gpu.createBindGroup({ label: kernel.name, layout, entries }),
        x: Math.min(workgroups, GRID_X),
        y: Math.ceil(workgroups / GRID_X),
      };
    });
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

function encode(pass: GPUComputePassEncoder, dispatches: readonly BoundDispatch[]): void {
  let last: GPUComputePipeline | null = null;
  for (const { pipeline, bindGroup, x, y } of dispatches) {
    if (pipeline !== last) pass.setPipeline(pipeline);
    last = pipeline;
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(x, y);
  }
}
