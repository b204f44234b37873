import { rowOf } from "../../../base/dtype.ts";
import type { Variable } from "../../../graph/variable.ts";
import { alignedBytes } from "../../../plan/memory.ts";
import { canGrant, placeIn, type PackedPlace, type Wish } from "../../../plan/wish.ts";
import type { Buffers } from "./buffers.ts";

/** Where a variable's value lies. */
interface Home {
  buffer: GPUBuffer;
  offset: number;
  /** The variables that share the buffer; those collected meanwhile leave their place empty. */
  packed: PackedVariables | null;
}

/** Variables that lie side by side, at fixed offsets in bytes. */
interface PackedVariables {
  members: readonly WeakRef<Variable>[];
  sizes: readonly number[];
  offsets: readonly number[];
  buffer: GPUBuffer | null;
  /** How many of the members are still in use. */
  used: number;
}

/** Where a variable lies in a packed buffer, or is going to. */
interface PackedHome extends PackedPlace {
  buffer: PackedVariables;
}

/** The storage of a device's variables, alone or side by side. It is freed when the variable is collected. */
export class Homes {
  readonly #device: GPUDevice;
  readonly #buffers: Buffers;
  readonly #homes = new WeakMap<Variable, Home>();
  readonly #packed: WeakMap<Variable, PackedHome>;
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
    this.#packed = previous ? previous.#packed : new WeakMap();
    for (const v of previous?.variables ?? []) {
      const place = this.#packed.get(v);
      if (place) Object.assign(place.buffer, { buffer: null, used: 0 });
    }
  }

  /** Those that have a place. */
  get variables(): Variable[] {
    return [...this.#all].map((ref) => ref.deref()).filter((v) => v !== undefined);
  }

  /** Where a variable lies in a packed buffer, or is going to; null where it does not belong beside others. */
  packedPlace(variable: Variable): PackedPlace | null {
    return this.#packed.get(variable) ?? null;
  }

  /** Has variables lie side by side as is wished, from when they are next used; none of them if not all can be. */
  grant(wishes: readonly Wish[]): boolean {
    if (!wishes.every((wish) => canGrant(wish, (v) => this.packedPlace(v)))) return false;
    for (const wish of wishes) {
      const { variables, offsets } = wish;
      const packed: PackedVariables = {
        members: variables.map((v) => new WeakRef(v)),
        sizes: variables.map(alignedBytes),
        offsets: offsets.map((at, i) => at * rowOf(variables[i].dtype).bytes),
        buffer: null,
        used: 0,
      };
      variables.forEach((v, i) => {
        if (!this.#packed.has(v)) this.#packed.set(v, { ...placeIn(wish, i), buffer: packed });
      });
    }
    return true;
  }

  has(variable: Variable): boolean {
    return this.#homes.has(variable);
  }

  /** A variable's place; made or moved here if it has none, or one apart from those that it belongs beside. */
  of(variable: Variable): Home {
    const packed = this.#packed.get(variable)?.buffer;
    if (packed && !packed.buffer) this.#layOut(packed);
    const home = this.#homes.get(variable);
    if (home) return home;
    const buffer = this.#buffers.make(alignedBytes(variable), `variable ${String(variable)}`);
    return this.#settle(variable, { buffer, offset: 0, packed: null });
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

  #free({ buffer, packed }: Home): void {
    if (packed && --packed.used > 0) return;
    this.#buffers.destroy(buffer);
  }

  /** Gives packed variables their buffer, and brings the values along of those that have some. */
  #layOut(packed: PackedVariables): void {
    const last = packed.members.length - 1;
    const size = packed.offsets[last] + packed.sizes[last];
    const buffer = this.#buffers.make(size, `${packed.members.length} variables`);
    packed.buffer = buffer;
    const encoder = this.#device.createCommandEncoder();
    const moved: Variable[] = [];
    const homes = packed.members.map((ref, i) => {
      const variable = ref.deref();
      const offset = packed.offsets[i];
      const old = variable && this.#homes.get(variable);
      if (variable && old) {
        encoder.copyBufferToBuffer(old.buffer, old.offset, buffer, offset, packed.sizes[i]);
        moved.push(variable);
      }
      return { variable, home: { buffer, offset, packed } };
    });
    this.#device.queue.submit([encoder.finish()]);
    for (const variable of moved) this.forget(variable);
    for (const { variable, home } of homes) {
      if (!variable) continue;
      packed.used++;
      this.#settle(variable, home);
    }
    if (moved.length > 0) this.version++;
  }
}
