import { DeviceError } from "../base/errors.ts";
import type { Dtype, HostArray } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Spec } from "./op.ts";
import type { Program } from "./program.ts";
import type { Tensor } from "./tensor.ts";
import type { Variable } from "./variable.ts";

declare global {
  // What declarations name, for programs without the types of WebGPU or the DOM; where those are, this adds nothing.
  interface GPUDevice {}
  interface GPUBuffer {}
  interface AbortSignal {}
}

/** A value that a backend holds, kept alive by whoever refers to it and freed when it is released. */
export interface Storage {
  readonly backend: Backend;
  /** Counts one more holder. */
  retain(): void;
  /** Counts one holder less; the last one lets the memory go. */
  release(): void;
}

/** What a device holds. */
export interface Memory {
  /** Held now. */
  bytes: number;
  /** Held at most so far. */
  peakBytes: number;
  /** Buffers in GPU memory; on cpu, values held. */
  buffers: number;
  /** Values that tensors of the user's hold. */
  tensors: number;
}

/** A value in GPU memory. */
export interface GpuRange {
  /** WebGPU's buffer. */
  buffer: GPUBuffer;
  /** Where in it the value begins, in bytes. */
  offset: number;
  /** How long the value is, in bytes. */
  size: number;
}

/** Is told how many of the pipelines that a program needs have been made; in the end all of them. */
export type OnProgress = (progress: { done: number; total: number }) => void;

/** How a program is prepared. */
export interface PrepareOptions {
  /** Is told of each pipeline that has been made for it. */
  onProgress?: OnProgress | undefined;
  /**
   * Whether the first runs may be carried out by kernels that compile sooner and run slower; the numbers are the same. By
   * default where that is worth it.
   */
  quick?: boolean | undefined;
}

/** Something that computes: a GPU, or the reference interpreter. */
export interface Backend {
  /** A name for messages: backend and number. */
  readonly label: string;
  /** Prepares a program to be run any number of times. */
  prepare(program: Program, options?: PrepareOptions): Executable;
  /** Reads values back, floats in the backend's precision. */
  read(storage: Storage, spec: Spec): Promise<HostArray>;
  /** Host data rounded to the device's precision. */
  round(data: HostArray, dtype: Dtype): HostArray;
  /** Where a value lies in GPU memory; a DeviceError where it does not. */
  expose(storage: Storage): Promise<GpuRange>;
  /** Frees a variable's storage. */
  forget(variable: Variable): void;
  /** Leaves a variable without a value: whatever uses it throws `error`, until it is given another. */
  lose(variable: Variable, error: unknown): void;
  /** Gives a variable a value that the device holds. */
  restore(variable: Variable, storage: Storage): void;
  /** A variable's value as a tensor of its own, which later assignments don't change. */
  copyOf(variable: Variable): Storage;
  readonly memory: Memory;
  /** The GPUDevice behind it, if that is what it is. */
  readonly gpu?: GPUDevice;
  /** Keeps the values of all variables on the host. */
  snapshot(): Promise<void>;
  /** Is told when a lost device has been replaced; where none can be lost there are none to tell. */
  readonly onRestored?: Set<() => void>;
  /** Whether all that was on it has been freed. */
  readonly disposed: boolean;
  /** Frees all that is on it. */
  dispose(): void;
  /** Throws where the device cannot be used: disposed, or lost for good. */
  check(): void;
}

/** One dispatch of a plan, or on the reference one op. */
export interface Dispatch {
  /** What it computes, as a name. */
  kernel: string;
  /** The ops it carries out, as the user wrote them. */
  ops: readonly string[];
  /** The shader; without its rarer functions until these have been loaded, by `ready` or a call. Empty on the reference. */
  wgsl: string;
  /** What it writes. */
  shapes: readonly Shape[];
  /** Additions and multiplications, as near as the ops tell. */
  flops: number;
  /** Read and written. */
  bytes: number;
}

/** How a program is carried out. */
export interface Plan {
  /** The ops of the graph, and which feeds which. */
  nodes: readonly { id: number; op: string; shape: Shape; dtype: Dtype }[];
  /** Pairs of ids: from an op to one that reads it. */
  edges: readonly (readonly [from: number, to: number])[];
  /** In the order in which they run. */
  dispatches: readonly Dispatch[];
  /** Bytes alive while each dispatch runs. */
  memory: readonly number[];
}

/** A value that a run left behind, for checking. */
export interface Observation {
  node: Tensor;
  data: HostArray;
}

/** A prepared program. */
export interface Executable {
  readonly plan: Plan;
  /** Resolves when a run would not have to wait for anything; rejects with what stands in its way. */
  ready(): Promise<void>;
  /** Milliseconds that each dispatch took in one run, and how they were taken. */
  time(args: readonly Tensor[]): Promise<{ milliseconds: number[]; clock: "gpu" | "host" }>;
  /** Runs it once and returns all that it materialises. Variables change as in any run. */
  observe(args: readonly Tensor[]): Promise<Observation[]>;
  /**
   * Runs it n times on the same arguments, by default once; each output holds those of all runs, one behind the other. They
   * are promised, not computed, when this returns.
   */
  run(args: readonly Tensor[], n?: number): Storage[];
}

let current: Backend | null = null;

/** The device that new tensors belong to; null before `init`. */
export const currentBackend = (): Backend | null => current;

/** The device to use: `own`, or else the default one. */
export function requireBackend(own: Backend | null | undefined): Backend {
  const backend = own ?? current;
  if (!backend) throw new DeviceError("no device yet: call `await init()` first");
  return backend;
}

export function setCurrentBackend(backend: Backend | null): void {
  current = backend;
}
