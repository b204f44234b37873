import { rowOf, sizeInBytes, type Dtype } from "../base/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Variable } from "../graph/variable.ts";
import { tensorsRead, tensorsWritten, type Part } from "./nest.ts";
import { variableOf, type PackedBuffer } from "./pack.ts";

/** Where a tensor lies. */
export type Place =
  /** In the arena, from a byte on. */
  | { kind: "arena"; offset: number }
  /** Among the arguments, from a byte on, or where the argument lies: kernels only read it. */
  | { kind: "argument"; position: number; offset: number }
  /** In a variable's storage, or from there on in the storage of several that lie side by side. */
  | { kind: "variable"; variable: Variable }
  /** In a buffer of its own: a constant, or a value that some other program left. */
  | { kind: "source"; tensor: Tensor };

export interface MemoryPlan {
  places: ReadonlyMap<Tensor, Place>;
  /** Bytes of the arena. */
  size: number;
  /** Bytes of all arguments, one behind the other. */
  argumentSize: number;
  /** Bytes of the arena in use during each step. */
  used: number[];
  /** What lies in the arena. */
  blocks: readonly Block[];
}

/** Offsets are multiples of this: the alignment of storage buffers that every device takes, and of any it may ask. */
const ALIGNMENT = 256;

export const alignedBytes = (x: { size: number; dtype: Dtype }) =>
  Math.max(1, Math.ceil(sizeInBytes(x) / ALIGNMENT)) * ALIGNMENT;

/** A run of bytes that is taken from one step to another. */
export interface Block {
  tensor: Tensor;
  size: number;
  first: number;
  last: number;
  offset: number;
}

/**
 * Lays all values of a plan out: temporary values in one arena, where those that are not alive at the same time may
 * share bytes, arguments apart from them, and assigned values in their variable where `inPlace` says so. `kept` are read
 * after the last step.
 */
export function planMemory(
  steps: readonly (readonly Part[])[],
  inputs: readonly Tensor[],
  kept: ReadonlySet<Tensor>,
  inPlace: ReadonlyMap<Tensor, Variable>,
  packed: ReadonlyMap<Tensor, PackedBuffer>,
  reuse = true,
): MemoryPlan {
  const places = new Map<Tensor, Place>();
  const blocks = new Map<Tensor, Block>();
  const bufferOf = new Map<Tensor, [Tensor, number]>();
  for (const [buffer, { members, offsets }] of packed) {
    members.forEach((m, i) => bufferOf.set(m, [buffer, offsets[i]]));
  }
  let argumentSize = 0;
  inputs.forEach((x, position) => {
    places.set(x, { kind: "argument", position, offset: argumentSize });
    argumentSize += alignedBytes(x);
  });
  const use = (x: Tensor, step: number) => {
    const whole = bufferOf.get(x)?.[0] ?? x;
    const variable = variableOf(packed.get(whole)?.members[0] ?? whole, inPlace);
    if (variable) {
      places.set(whole, { kind: "variable", variable });
      return;
    }
    if (whole.source) {
      if (whole.source.kind !== "input") places.set(x, { kind: "source", tensor: whole });
      return;
    }
    // Steps come in order.
    const block = blocks.get(whole);
    if (block) block.last = step;
    else {
      const size = alignedBytes(whole);
      blocks.set(whole, { tensor: whole, size, first: step, last: step, offset: 0 });
    }
  };
  steps.forEach((parts, step) => {
    for (const part of parts) {
      for (const x of tensorsRead(part)) use(x, step);
      for (const x of tensorsWritten(part)) use(x, step);
    }
  });
  for (const x of kept) use(x, steps.length);
  if (!reuse) for (const block of blocks.values()) [block.first, block.last] = [-1, steps.length];

  const size = assignOffsets([...blocks.values()]);
  for (const { tensor, offset } of blocks.values()) places.set(tensor, { kind: "arena", offset });
  for (const [member, [buffer, at]] of bufferOf) {
    const place = places.get(buffer);
    if (place?.kind === "arena") {
      places.set(member, { kind: "arena", offset: place.offset + at * rowOf(member.dtype).bytes });
    } else if (place?.kind === "variable") {
      places.set(member, { kind: "variable", variable: variableOf(member, inPlace)! });
    }
  }
  const all = [...blocks.values()];
  const used = bytesInUse(all, steps.length).map((n) => n + argumentSize);
  return { places, size, argumentSize, used, blocks: all };
}

/** How many bytes of blocks are taken in each of some steps. */
function bytesInUse(blocks: readonly Block[], steps: number): number[] {
  const changes = new Float64Array(steps + 1);
  for (const { size, first, last } of blocks) {
    changes[Math.max(0, first)] += size;
    changes[Math.min(steps, last + 1)] -= size;
  }
  let bytes = 0;
  return Array.from({ length: steps }, (_, step) => (bytes += changes[step]));
}

/** Gives each block the lowest offset at which nothing lies that is alive at the same time; large ones first. */
function assignOffsets(blocks: Block[]): number {
  /** In the order of their offsets. */
  const placed: Block[] = [];
  let end = 0;
  for (const block of blocks.sort((a, b) => b.size - a.size || a.first - b.first)) {
    let offset = 0;
    for (let i = 0; i < placed.length; i++) {
      const p = placed[i];
      if (p.first > block.last || p.last < block.first) continue;
      if (p.offset - offset >= block.size) break;
      offset = Math.max(offset, p.offset + p.size);
    }
    block.offset = offset;
    placed.splice(placeIn(placed, offset), 0, block);
    end = Math.max(end, offset + block.size);
  }
  return end;
}

/** Where a block at `offset` belongs among others in the order of their offsets. */
function placeIn(placed: readonly Block[], offset: number): number {
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placed[middle].offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
