// The declarations name Symbol.dispose, which a user's target may not bring along.
/// <reference lib="esnext.disposable" preserve="true" />
import { sizeInBytes, type Dtype, type HostArray, type TypedArray } from "../base/dtype.ts";
import { checkInstance } from "../base/describe-value.ts";
import { DisposedError, TraceError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { show, sizeOf } from "../base/shape.ts";
import { WeakList } from "../base/weak-list.ts";
import { ancestryOf } from "./ancestry.ts";
import type { Application } from "./application.ts";
import type { Backend, Storage } from "./backend.ts";
import { DISPOSED, type Cut } from "./cut.ts";
import type { Attrs, Op, Spec } from "./op.ts";
import type { Variable } from "./variable.ts";
import { Weight } from "./weight.ts";

/** Lets go of device memory when nothing refers to a source any more. */
const collected = new FinalizationRegistry<Storage>((storage) => storage.release());

/** Releases a value when `owner` is collected. */
export const releaseWith = (owner: object, storage: Storage): void =>
  collected.register(owner, storage);

/** Where the value of a tensor comes from when no op computes it. */
export type Source =
  /** Numbers known when the graph was built. A weak one is a bare number, which takes the dtype it meets. */
  | { kind: "constant"; data: HostArray }
  /** A value that a backend holds; `weight` makes it as heavy for the garbage collector as it is on the device. */
  | { kind: "stored"; storage: Storage; weight?: Weight }
  /** A variable's value, while it lies in the variable's storage. */
  | { kind: "variable"; variable: Variable }
  /** An argument of the function being traced. */
  | { kind: "input"; position: number }
  /** One example of a batch, for which a function is written down that is applied to all: those that a user gave. */
  | { kind: "mapped"; examples: Tensor | undefined }
  /** None any more. */
  | { kind: "disposed" };

const NOTHING: ReadonlySet<number> = new Set();
const NO_INPUTS: readonly Tensor[] = [];
const NO_ATTRS: Attrs = {};

/** Tensors whose place in GPU memory a user was told: nobody may see when it is used, so they stay until disposed. */
const pinned = new Set<Tensor>();

let nodes = 0;

/** How many nodes have been made. */
export const newestId = () => nodes;

/**
 * A node of the graph: an op applied to other tensors, or a source. Nothing runs until a value is read.
 * Nodes are numbered as they are made, so ascending ids are a topological order.
 */
export class Tensor {
  /** @internal */
  readonly id = nodes++;
  /** The lengths of its axes; [] for a scalar. */
  readonly shape: Shape;
  /** "float32", "int32", "uint32" or "bool". */
  readonly dtype: Dtype;
  /**
   * What makes it. It is kept when the value is there, so that it can still be differentiated; null for what no op made,
   * and where it has been let go.
   * @internal
   */
  made: Application | null;
  /**
   * Where the value comes from, once it is there or where it was there from the start.
   * @internal
   */
  source: Source | null = null;
  /**
   * Why it is not known how it was computed, where it was computed and that is so.
   * @internal
   */
  cut: Cut | null = null;
  /**
   * Of an evaluated node: the ids of what it was computed from, as `readsOf` has them.
   * @internal
   */
  reads: ReadonlySet<number> = NOTHING;
  /**
   * The longest chain of unevaluated nodes below; NaN where a placeholder is among them, so that none has a value.
   * @internal
   */
  depth = 0;
  /**
   * Of an evaluated node: how much, at most, has been added to its history since that was last counted.
   * @internal
   */
  grown = 0;
  /**
   * The device that the value belongs to; null while only host data led to it.
   * @internal
   */
  backend: Backend | null = null;
  /**
   * The trace that made it; null outside of `compile`.
   * @internal
   */
  trace: object | null = null;
  /**
   * A bare number of the user's, free to take the dtype it meets.
   * @internal
   */
  weak = false;
  /**
   * Whose value this node is, if it is that of a variable from one assignment to the next. Such a version is a leaf to
   * differentiation, even while the value that was assigned waits to be computed.
   * @internal
   */
  versionOf: Variable | null = null;
  /** Whether `dispose` was called. */
  disposed = false;
  /**
   * Whether a compiled function has it as a constant, and so needs the value for as long as it lives.
   * @internal
   */
  constant = false;
  /** Nodes built on this one; those that are not evaluated yet wait for its value. */
  #readers: WeakList<Tensor> | null = null;
  /**
   * What was last read, for printing; null where that is large.
   * @internal
   */
  printed: TypedArray | null = null;

  /** @hidden */
  constructor({ shape, dtype }: Spec, made: Application | null = null) {
    this.shape = shape;
    this.dtype = dtype;
    this.made = made;
  }

  /**
   * What is still to be carried out for the value; null for a source.
   * @internal
   */
  get application(): Application | null {
    return this.source ? null : this.made;
  }

  /** @internal */
  get op(): Op | null {
    return this.application?.op ?? null;
  }

  /** @internal */
  get inputs(): readonly Tensor[] {
    return this.application?.inputs ?? NO_INPUTS;
  }

  /** @internal */
  get attrs(): Attrs {
    return this.application?.attrs ?? NO_ATTRS;
  }

  /** How many axes it has. */
  get rank(): number {
    return this.shape.length;
  }

  /** How many elements it has. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /**
   * The tensor that this one reads as now: itself, but for a variable.
   * @internal
   */
  get value(): Tensor {
    if (this.disposed) {
      throw new DisposedError(`${describe(this)} was used after dispose()`);
    }
    return this;
  }

  /**
   * Lets go of how an evaluated node was computed: no derivative passes it from now on.
   * @internal
   */
  forget(why: string): void {
    if (!this.source || !this.made) return;
    this.cut = { why, ancestry: ancestryOf(this.made.inputs) };
    this.made = null;
  }

  /**
   * Notes that `reader` is built on this node, where its value could go away.
   * @internal
   */
  addReader(reader: Tensor): void {
    if (this.source?.kind === "stored" || this.versionOf) {
      (this.#readers ??= new WeakList()).add(reader);
    }
  }

  /**
   * Whether an unevaluated node may still need the value.
   * @internal
   */
  hasWaitingReaders(): boolean {
    return this.#isRead((reader) => reader.inputs);
  }

  /**
   * The same, or the derivative of an evaluated one. Nodes that don't need it any more never will again.
   * @internal
   */
  isReferredTo(): boolean {
    const isRead = this.#isRead((reader) => reader.made?.inputs ?? []);
    if (!isRead) this.#readers = null;
    return isRead;
  }

  #isRead(inputsOf: (reader: Tensor) => readonly Tensor[]): boolean {
    for (const reader of this.#readers ?? []) if (inputsOf(reader).includes(this)) return true;
    return false;
  }

  /**
   * Keeps the value until `dispose()`, whether or not anything refers to it.
   * @internal
   */
  pin(): void {
    pinned.add(this);
  }

  /**
   * Frees the value now instead of when it is collected; further use is an error. What was built on it before still
   * gets its value. An op that changes nothing, as a reshape to the shape that a tensor has, gives this tensor itself.
   */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    pinned.delete(this);
    const { source } = this;
    if (source?.kind !== "stored" || this.constant || this.hasWaitingReaders()) return;
    collected.unregister(source);
    source.storage.release();
    source.weight?.lift();
    this.source = { kind: "disposed" };
    this.forget(DISPOSED);
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * Turns an evaluated node into a source; how it was computed stays known, but for a variable's value.
   * @internal
   */
  settle(source: Source): void {
    if (this.versionOf) this.made = null;
    if (source.kind === "stored") {
      collected.register(source, source.storage, source);
      if (source.storage.backend.gpu) source.weight = Weight.of(sizeInBytes(this));
    }
    this.source = source;
    this.depth = 0;
  }

  /**
   * Makes a value that is gone be computed again, where it is known how.
   * @internal
   */
  unsettle(): void {
    if (this.made) this.source = null;
  }

  /**
   * Elements in arithmetic would be a silent NaN, so they are an error; text is fine.
   * @hidden
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new TraceError(
      `${describe(this)} stands for a value that is computed later, so it cannot be used in ` +
        "JavaScript arithmetic or comparisons; use its methods (x.add(1), x.greater(0), where(…)), " +
        "or read it first: await x.item()",
    );
  }

  /**
   * Dtype, shape and op; once it was read, the values as NumPy prints them.
   * @returns the text
   */
  toString(): string {
    return describe(this);
  }
}

/** "float32[2, 3] matmul": dtype, shape and what computes it, or has done so. */
export function describe(x: Tensor): string {
  const what = x.made?.op.name ?? x.source?.kind ?? "variable";
  return `${x.dtype}${show(x.shape)} ${what}`;
}

/** Throws an ArgumentError where something else stands for a tensor. */
export function checkTensor(op: string, x: unknown): asserts x is Tensor {
  checkInstance(op, x, Tensor);
}

/** How a node depends on others as differentiation sees it, to which a variable's value is a leaf. */
export const derivationOf = (node: Tensor): Application | null =>
  node.versionOf ? null : node.made;

/** All unevaluated nodes that lead to `roots` and the sources they start from, inputs before users. */
export function topologicalOrder(roots: readonly Tensor[]): Tensor[] {
  return ordered(roots, (node) => node.inputs);
}

/**
 * All nodes that a derivative of `roots` may depend on, evaluated ones too, inputs before users. Variables' values and
 * `stops` are leaves.
 */
export function lineageOf(
  roots: readonly Tensor[],
  stops: ReadonlySet<Tensor> = new Set(),
): Tensor[] {
  return ordered(roots, (node) => (stops.has(node) ? [] : (derivationOf(node)?.inputs ?? [])));
}

/** The nodes `roots` and all below that `inputsOf` leads to, in the order they were made. */
export function ordered(
  roots: readonly Tensor[],
  inputsOf: (node: Tensor) => readonly Tensor[],
): Tensor[] {
  const seen = new Set<Tensor>();
  const pending = [...roots];
  while (pending.length > 0) {
    const node = pending.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of inputsOf(node)) if (!seen.has(input)) pending.push(input);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
