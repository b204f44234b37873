import type { Tensor } from "./tensor.ts";

/**
 * What a tensor was computed from when its history is let go. Variables are not among it: what a tensor read of these is
 * kept with it.
 */
export interface Ancestry {
  /** Tensors by id, newest first. */
  readonly ids: readonly number[];
  /** Of tensors with a lower id that are not listed it is not known. */
  readonly floor: number;
}

/** The most tensors that are listed, so that what is known of an endless loop takes little. */
const MOST = 128;

const NONE: Ancestry = { ids: [], floor: 0 };

/** What `roots` were computed from, themselves included. */
export function ancestryOf(roots: readonly Tensor[]): Ancestry {
  // Ascending, so that the newest comes last.
  let open = [...roots];
  const seen = new Set(open);
  const ids: number[] = [];
  let known = NONE;
  while (open.length > 0 && ids.length < MOST) {
    open.sort((a, b) => a.id - b.id);
    const node = open.pop()!;
    if (node.versionOf) continue;
    if (!node.weak) ids.push(node.id);
    if (node.cut) known = unionOf([known, node.cut.ancestry]);
    for (const input of node.made?.inputs ?? []) {
      if (seen.has(input)) continue;
      seen.add(input);
      open.push(input);
    }
  }
  const floor = open.reduce((most, { id }) => Math.max(most, id + 1), 0);
  return unionOf([known, { ids, floor }]);
}

/** What is computed from tensors with these ancestors. */
export function unionOf(all: readonly Ancestry[]): Ancestry {
  const some = all.filter(({ ids, floor }) => ids.length > 0 || floor > 0);
  if (some.length < 2) return some[0] ?? NONE;
  const ids = [...new Set(some.flatMap((a) => a.ids))].sort((a, b) => b - a);
  const floor = Math.max(...some.map((a) => a.floor), ids.length > MOST ? ids[MOST] + 1 : 0);
  return { ids: ids.slice(0, MOST), floor };
}

/** Whether x, which is no variable, may be among these ancestors. */
export const mayInclude = ({ ids, floor }: Ancestry, x: Tensor): boolean =>
  x.id < floor || ids.includes(x.id);
