import { rowOf } from "../../../base/dtype.ts";
import type { Variable } from "../../../graph/variable.ts";
import { alignedBytes } from "../../../plan/memory.ts";
import type { Buffers } from "./buffers.ts";

/** Where a variable's value lies. */
interface Home {
  buffer: GPUBuffer;
  offset: number;
  /** The variables that share the buffer; those collected meanwhile leave their place empty. */
  row: Row | null;
}

/** Variables that lie side by side, at fixed offsets in bytes. */
interface Row {
  members: readonly WeakRef<Variable>[];
  sizes: readonly number[];
  offsets: readonly number[];
  buffer: GPUBuffer | null;
  /** How many of the members are still in use. */
  used: number;
}

/** The storage of a device's variables, alone or side by side. It is freed when the variable is collected. */
export class Homes {
  readonly #device: GPUDevice;
  readonly #buffers: Buffers;
  readonly #homes = new WeakMap<Variable, Home>();
  readonly #rows: WeakMap<Variable, Row>;
  readonly #all = new Set<WeakRef<Variable>>();
  readonly #collected = new FinalizationRegistry<{ home: Home; ref: WeakRef<Variable> }>(
    ({ home, ref }) => {
      this.#all.delete(ref);
      this.#free(home);
    },
  );
  /** Changes when a variable moves: what is bound to the old place has to be bound anew. */
  version = 0;

  /** After a device was lost, `previous` says which variables lay side by side: they will again. */
  constructor(device: GPUDevice, buffers: Buffers, previous: Homes | null) {
    this.#device = device;
    this.#buffers = buffers;
    this.#rows = previous ? previous.#rows : new WeakMap();
    for (const v of previous?.variables ?? []) {
      const row = this.#rows.get(v);
      if (row) row.buffer = null;
    }
  }

  /** Those that have a place. */
  get variables(): Variable[] {
    return [...this.#all].map((ref) => ref.deref()).filter((v) => v !== undefined);
  }

  /** Plans to lay variables side by side, at offsets in elements; false where one of them lies beside others already. */
  reserve(variables: readonly Variable[], elements: readonly number[]): boolean {
    const offsets = elements.map((at, i) => at * rowOf(variables[i].dtype).bytes);
    const rows = new Set(variables.map((v) => this.#rows.get(v)));
    const [known] = rows;
    if (rows.size === 1 && known) {
      return (
        known.members.length === variables.length &&
        variables.every((v, i) => known.members[i].deref() === v && known.offsets[i] === offsets[i])
      );
    }
    if (rows.size > 1 || known || new Set(variables).size < variables.length) return false;
    const members = variables.map((v) => new WeakRef(v));
    const sizes = variables.map(alignedBytes);
    const row: Row = { members, sizes, offsets, buffer: null, used: 0 };
    for (const v of variables) this.#rows.set(v, row);
    return true;
  }

  has(variable: Variable): boolean {
    return this.#homes.has(variable);
  }

  /** A variable's place; made or moved here if it has none, or one apart from those that it belongs beside. */
  of(variable: Variable): Home {
    const row = this.#rows.get(variable);
    if (row && !row.buffer) this.#layOut(row);
    const home = this.#homes.get(variable);
    if (home) return home;
    const buffer = this.#buffers.make(alignedBytes(variable), `variable ${String(variable)}`);
    return this.#settle(variable, { buffer, offset: 0, row: null });
  }

  /** Frees a variable's place. */
  forget(variable: Variable): void {
    const home = this.#homes.get(variable);
    if (!home) return;
    this.#collected.unregister(variable);
    for (const ref of this.#all) if (ref.deref() === variable) this.#all.delete(ref);
    this.#homes.delete(variable);
    this.#free(home);
  }

  #settle(variable: Variable, home: Home): Home {
    const ref = new WeakRef(variable);
    this.#all.add(ref);
    this.#homes.set(variable, home);
    this.#collected.register(variable, { home, ref }, variable);
    return home;
  }

  #free({ buffer, row }: Home): void {
    if (row && --row.used > 0) return;
    this.#buffers.destroy(buffer);
  }

  /** Gives a row of variables a buffer, and brings the values along of those that have some. */
  #layOut(row: Row): void {
    const last = row.members.length - 1;
    const size = row.offsets[last] + row.sizes[last];
    const buffer = this.#buffers.make(size, `${row.members.length} variables`);
    row.buffer = buffer;
    const encoder = this.#device.createCommandEncoder();
    const moved: Variable[] = [];
    const homes = row.members.map((ref, i) => {
      const variable = ref.deref();
      const offset = row.offsets[i];
      const old = variable && this.#homes.get(variable);
      if (variable && old) {
        encoder.copyBufferToBuffer(old.buffer, old.offset, buffer, offset, row.sizes[i]);
        moved.push(variable);
      }
      return { variable, home: { buffer, offset, row } };
    });
    this.#device.queue.submit([encoder.finish()]);
    for (const variable of moved) this.forget(variable);
    for (const { variable, home } of homes) {
      if (!variable) continue;
      row.used++;
      this.#settle(variable, home);
    }
    if (moved.length > 0) this.version++;
  }
}
