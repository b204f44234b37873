import { rowOf } from "../../../base/dtype.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import { alignedBytes } from "../../../plan/memory.ts";
import { declareBinding, type Binding } from "./link.ts";

/** One storage binding of a kernel: a tensor in memory. */
export interface Slot {
  name: string;
  index: number;
  tensor: Tensor;
  written: boolean;
  /** Whether it is declared as vectors of four elements. */
  vector: boolean;
}

/** The bindings of a kernel: a tensor gets one when it is first read or written, tensors in the same place share one. */
export class BindingTable {
  readonly slots: Slot[] = [];
  readonly #keyOf: (x: Tensor) => string;
  readonly #byKey = new Map<string, Slot>();
  /** Keys of tensors that some access needs as single elements. */
  readonly #scalar = new Set<string>();

  constructor(keyOf: (x: Tensor) => string) {
    this.#keyOf = keyOf;
  }

  slot(x: Tensor, written = false): Slot {
    const key = this.#keyOf(x);
    const known = this.#byKey.get(key);
    if (known) {
      known.written ||= written;
      return known;
    }
    const index = this.slots.length;
    const slot = {
      name: `x${index}`,
      index,
      tensor: x,
      written,
      vector: !this.#scalar.has(key),
    };
    this.slots.push(slot);
    this.#byKey.set(key, slot);
    return slot;
  }

  /** Declares, before it gets a binding, that a tensor is accessed element by element. */
  needsScalars(x: Tensor): void {
    this.#scalar.add(this.#keyOf(x));
  }
}

/** How a slot is declared. */
export function bindingOf({ index, tensor, vector }: Slot, access: Binding["access"]): Binding {
  const type = rowOf(tensor.dtype).stored;
  return vector
    ? { index, access, type: `vec4<${type}>`, length: Math.max(1, Math.ceil(tensor.size / 4)) }
    : { index, access, type, length: Math.max(1, tensor.size) };
}

export const declare = (slot: Slot, access: Binding["access"]): string =>
  declareBinding(slot.name, bindingOf(slot, access));

/** Bytes that a slot is bound with: whole vectors, which the alignment of every tensor leaves room for. */
export const boundBytes = ({ tensor }: Slot): number =>
  Math.min(
    alignedBytes(tensor),
    Math.max(1, Math.ceil(tensor.size / 4)) * 4 * rowOf(tensor.dtype).bytes,
  );

/** How a slot is declared, by where its tensor lies. */
export type Access = (slot: Slot) => "read" | "read_write";
