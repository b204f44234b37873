import { rowOf } from "../../../base/dtype.ts";
import { getOrMake } from "../../../base/maps.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import { alignedBytes } from "../../../plan/memory.ts";
import type { BindingKey } from "../../../plan/plan.ts";
import { declareBinding, type DeclaredBinding } from "../../../base/link.ts";

/** One storage binding of a kernel: a tensor in memory. */
export interface Slot {
  name: string;
  index: number;
  tensor: Tensor;
  written: boolean;
  /** Whether it is declared as vectors of four elements. */
  vector: boolean;
}

/**
 * The bindings of a kernel: a tensor gets one when it is first read or written. Those for which `keyOf` is equal share one,
 * and those for which `kindOf` is equal lie in one buffer.
 */
export class BindingTable {
  readonly #keyOf: (x: Tensor) => BindingKey;
  readonly #kindOf: (x: Tensor) => string;
  readonly #byKey = new Map<BindingKey, Slot>();
  /** Keys of tensors that some access needs as single elements. */
  readonly #scalar = new Set<BindingKey>();

  constructor(keyOf: (x: Tensor) => BindingKey, kindOf: (x: Tensor) => string) {
    this.#keyOf = keyOf;
    this.#kindOf = kindOf;
  }

  slot(x: Tensor, written = false): Slot {
    const key = this.#keyOf(x);
    const slot = getOrMake(this.#byKey, key, () => {
      const index = this.#byKey.size;
      return { name: `x${index}`, index, tensor: x, written, vector: !this.#scalar.has(key) };
    });
    slot.written ||= written;
    return slot;
  }

  get slots(): Slot[] {
    return [...this.#byKey.values()];
  }

  /** Declares, before it gets a binding, that a tensor is accessed element by element. */
  needsScalars(x: Tensor): void {
    this.#scalar.add(this.#keyOf(x));
  }

  /** How a slot is bound. A buffer may not be bound both to be read and to be written: then all of it is to be written. */
  accessOf({ tensor }: Slot): DeclaredBinding["access"] {
    const kind = this.#kindOf(tensor);
    const isWritten = this.slots.some((s) => s.written && this.#kindOf(s.tensor) === kind);
    return isWritten ? "read_write" : "read";
  }

  /** How a slot is declared, once all that is written has one. */
  bindingOf(slot: Slot): DeclaredBinding {
    const { index, tensor, vector } = slot;
    const type = rowOf(tensor.dtype).stored;
    return {
      index,
      access: this.accessOf(slot),
      type: vector ? `vec4<${type}>` : type,
      length: Math.max(1, vector ? Math.ceil(tensor.size / 4) : tensor.size),
    };
  }

  /** The declarations of slots. */
  declare(slots: readonly Slot[]): string[] {
    return slots.map((slot) => declareBinding(slot.name, this.bindingOf(slot)));
  }

  /** What a kernel says of them. */
  get bound() {
    return { slots: this.slots, access: this.slots.map((slot) => this.accessOf(slot)) };
  }
}

/** Bytes that a slot is bound with: whole vectors, which the alignment of every tensor leaves room for. */
export const boundBytes = ({ tensor }: Slot): number =>
  Math.min(
    alignedBytes(tensor),
    Math.max(1, Math.ceil(tensor.size / 4)) * 4 * rowOf(tensor.dtype).bytes,
  );
