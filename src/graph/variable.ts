import { DeviceError, DtypeError, ShapeError, TraceError } from "../base/errors.ts";
import { getOrMake } from "../base/maps.ts";
import { sameShape, show } from "../base/shape.ts";
import { currentBackend, type Backend, type Storage } from "./backend.ts";
import { flushIfLong, pendingAssigns } from "./evaluate.ts";
import { protectReaders } from "./history.ts";
import { identity } from "./identity.ts";
import { checkTensor, Tensor } from "./tensor.ts";
import { checkAssignment, currentTrace, withTrace } from "./trace.ts";

/**
 * A tensor with storage that lasts. Used in an op, it stands for its value at that moment; `assign` gives it a new one,
 * in place where nothing that was made earlier could notice.
 *
 * To differentiation it is a leaf: a gradient with respect to it is the sum over all places where it was read, each at
 * the value that it had there, and no derivative passes an assignment, nor the initial value.
 */
export class Variable extends Tensor {
  /** Whether `parameters()` lists it. */
  readonly trainable: boolean;
  /**
   * The value it was last given, where that is not in its storage yet.
   * @internal
   */
  pending: Tensor | null = null;
  /** The node that stands for what is in the storage. */
  #stored: Tensor | null = null;

  /** @hidden */
  constructor(initial: Tensor, trainable = true) {
    super(initial);
    this.trainable = trainable;
    this.backend = initial.backend ?? currentBackend();
    withTrace(null, () => this.assign(initial));
  }

  /**
   * The value at this moment: of the trace under way, or else the last one assigned.
   * @internal
   */
  override get value(): Tensor {
    void super.value;
    const trace = currentTrace();
    if (!trace) return this.pending ?? this.stored;
    return getOrMake(trace.versions, this, () => this.#leaf(trace));
  }

  /**
   * The node for what is in the storage outside of traces.
   * @internal
   */
  get stored(): Tensor {
    return (this.#stored ??= this.#leaf(null));
  }

  #leaf(trace: object | null): Tensor {
    const leaf = new Tensor(this);
    leaf.source = { kind: "variable", variable: this };
    leaf.versionOf = this;
    leaf.backend = this.backend;
    leaf.trace = trace;
    return leaf;
  }

  /**
   * Before the storage is overwritten: the node of the old value, which gets a copy of it where others refer to it.
   * @internal
   */
  protectReaders(copy: () => Storage): Tensor | null {
    this.printed = null;
    const old = this.#stored;
    if (old?.isReferredTo()) {
      old.settle({ kind: "stored", storage: copy() });
      this.#stored = null;
    }
    return old;
  }

  /**
   * Notes that the value assigned last is in the storage now.
   * @internal
   */
  carryOut(): void {
    this.pending?.settle({ kind: "variable", variable: this });
    this.#stored = this.pending;
    this.pending = null;
  }

  /**
   * Gives it a new value of the same shape and dtype. Inside of `compile` the assignment is part of the step;
   * outside it takes effect at the next read, or after 1,000 nodes. No derivative passes it: what depends on `value`
   * only through the variable has the gradient 0 with respect to it. Who wants to differentiate through an update
   * keeps it as a tensor.
   * @param value a tensor of the variable's shape and dtype
   * @throws ShapeError where the value has another shape
   * @throws DtypeError where the value has another dtype
   */
  assign(value: Tensor): void {
    void super.value;
    checkTensor("assign", value);
    const next = value.value;
    if (next.trace && !currentTrace()) {
      throw new TraceError(
        "assign: the value was traced by compile() and does not exist outside of it",
      );
    }
    if (!sameShape(next.shape, this.shape)) {
      throw new ShapeError(
        `assign: the variable has shape ${show(this.shape)}, the value ${show(next.shape)}`,
      );
    }
    if (next.dtype !== this.dtype) {
      throw new DtypeError(
        `assign: the variable is ${this.dtype}, the value ${next.dtype}; use value.cast("${this.dtype}")`,
      );
    }
    this.#checkDevice(next);
    checkAssignment(next);
    const version = identity(next);
    version.versionOf = this;
    const trace = currentTrace();
    if (trace) {
      trace.assign(this, version);
      return;
    }
    this.bind(version.backend);
    version.backend = this.backend;
    this.printed = null;
    this.pending = version;
    pendingAssigns.add(this);
    flushIfLong(this.backend);
  }

  #checkDevice(value: Tensor): void {
    const other = value.backend ?? currentTrace()?.backend;
    if (!this.backend || !other || other === this.backend) return;
    throw new DeviceError(
      `assign: the variable and the value belong to different devices, ${this.backend.label} and ${other.label}`,
    );
  }

  /** Frees its storage now; further use is an error. */
  override dispose(): void {
    if (this.disposed) return;
    const { backend } = this;
    if (backend) {
      protectReaders(backend, [this]);
      backend.forget(this);
    }
    pendingAssigns.delete(this);
    super.dispose();
  }

  /**
   * Settles on a device, where it has none yet.
   * @internal
   */
  bind(backend: Backend | null): void {
    this.backend ??= backend ?? currentBackend();
  }
}
