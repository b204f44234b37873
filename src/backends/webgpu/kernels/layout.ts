import * as I from "../../../base/index-expr.ts";
import { powerBelow } from "../../../base/powers.ts";
import { COLUMN, ROW } from "../../../plan/loop-variables.ts";
import type { Nest, Role, Value } from "../../../plan/nest.ts";
import { LANES } from "./lanes.ts";
import type { Tuning } from "./tuning.ts";

/** A value of some role. */
export type As<K extends Role["kind"]> = Value & { role: { kind: K } };

export const isFold = (v: Value): v is As<"fold"> => v.role.kind === "fold";
export const isScan = (v: Value): v is As<"scan"> => v.role.kind === "scan";

/** How a loop is spread over threads. */
export interface Layout {
  /** Rows that a thread takes, columns that it takes at once, or neither. */
  lanes: "rows" | "columns" | null;
  /** Threads that should fold a row together, a power of two. */
  sharers: number;
  /** Neighbouring rows lie side by side, and not neighbouring columns. */
  acrossRows: boolean;
  /** Columns of four rows, or vectors of one, that a turn may take at once. */
  atOnce: number;
}

/** Loops of so many turns are folded in one go: rows of 256 in vectors. */
export const LONGEST_IN_ONE = 64;
/** How much larger loops may be that take one row at a time, if that is for one run only and not for a hundred. */
const MORE_FOR_ONE_RUN = 64;

/** Chooses how a loop is spread. */
export function layoutOf(
  loop: Nest,
  tuning: Pick<Tuning, "threads" | "adapter" | "singly" | "quick">,
): Layout {
  const { rows, cols } = loop;
  // A turn of a fold costs as much for one element as for four.
  const turns = rows * cols * Math.min(cols, LANES);
  const singly = turns <= tuning.singly;
  // A row alone is the same as one of four, but where a turn takes four of its columns: these are folded in another order.
  const isAlike = !mayTakeColumnsAtOnce(loop);
  const rowByRow = turns <= tuning.singly * (tuning.quick && isAlike ? MORE_FOR_ONE_RUN : 1);
  if (cols === 1) {
    const lanes = rows >= LANES && !rowByRow ? "rows" : null;
    return { lanes, sharers: 1, acrossRows: true, atOnce: 1 };
  }
  const place = placeOf(loop);
  const inVectors = place !== null && cols % LANES === 0 && isUnit(place, COLUMN) && !singly;
  const acrossRows = place !== null && isUnit(place, ROW);
  // What is carried from column to column is carried by one thread.
  const isAlone = loop.values.some(isScan);
  const sharers = isAlone ? 1 : sharersOf(loop, inVectors ? LANES : 1, tuning);
  if (inVectors) {
    // What would be folded in blocks, which cost a CPU two turns each. On GPUs, neighbours should read side by side.
    const isLong = tuning.adapter.software && cols > LANES * sharers * LONGEST_IN_ONE;
    const atOnce = (isLong && [4, 2].find((n) => cols % (n * LANES) === 0)) || 1;
    return { lanes: "columns", sharers, acrossRows: false, atOnce };
  }
  const inFours = acrossRows && sharers === 1 && rows % LANES === 0 && !rowByRow;
  const atOnce = inFours && mayTakeColumnsAtOnce(loop) ? LANES : 1;
  return { lanes: inFours ? "rows" : null, sharers, acrossRows, atOnce };
}

/** Whether loops are long enough, and even, for a turn to take four columns of four rows. */
const mayTakeColumnsAtOnce = ({ cols }: Nest): boolean =>
  cols >= LONGEST_IN_ONE && cols % LANES === 0;

/** Where the elements that are folded lie in what is read most often. */
const placeOf = (loop: Nest): I.Index | null =>
  loop.values
    .flatMap((v) => v.loads)
    .find(({ index, inIndex }) => !inIndex && I.mentions(index, COLUMN))?.index ?? null;

/** Whether the next value of a variable is the next place. */
const isUnit = (index: I.Index, loop: I.LoopVariable) =>
  index.terms.some(
    ({ atom, coef }) => coef === 1 && atom.kind === "variable" && atom.loop === loop,
  );

/** Workgroups of `size` threads that a loop is spread over. */
export const groupsOf = (loop: Nest, layout: Layout, size: number): number =>
  layout.sharers > 1
    ? loop.rows / rowsTogether(loop, layout, size)
    : Math.ceil(threadsOf(loop, layout) / size);

/** Threads that a loop is spread over where none share rows. */
export const threadsOf = ({ rows }: Nest, { lanes }: Layout): number =>
  lanes === "rows" ? Math.ceil(rows / LANES) : rows;

/** How a kernel is spread: the threads of a workgroup, and whether there are more workgroups than its loops take. */
export interface Grid {
  size: number;
  isWider: boolean;
  /** What is added to the lengths of loops, if compilers must not know them. */
  hidden: string;
}

/** Rows that a workgroup of `size` threads takes where several share each: as many as leave none over. */
export const rowsTogether = ({ rows }: Nest, { sharers }: Layout, size: number): number =>
  Math.min(Math.max(size / sharers, 1), rows & -rows);

/**
 * On a CPU, barriers are expensive: a row is long from here on, and as few threads share it as one core takes at once. A row
 * of 10,000 takes 64 of them more than twice as long.
 */
const LONG_ON_A_CPU = 1024;
const SHARERS_ON_A_CPU = 8;
/** Elsewhere a thread loads twice, or more where it loads as much, and a few have to be saved. */
const LEAST_LOADS = 2;
const FEWEST_SHARERS = 4;
/** Where columns lie side by side, threads that follow each other should read them so: rows of at least four each. */
const SIDE_BY_SIDE = 32;

/** How many threads share each row of a loop; `step` columns are loaded at once. */
function sharersOf(
  { rows, cols }: Nest,
  step: number,
  { threads, adapter }: Pick<Tuning, "threads" | "adapter">,
): number {
  if (adapter.software) return cols >= LONG_ON_A_CPU && rows < threads ? SHARERS_ON_A_CPU : 1;
  const most = Math.min(powerBelow(cols / (LEAST_LOADS * step)), LARGEST_WORKGROUP);
  const least = step > 1 && cols >= step * SIDE_BY_SIDE ? SIDE_BY_SIDE : 1;
  const sharers = Math.min(most, Math.max(powerBelow(threads / rows), least));
  return sharers < FEWEST_SHARERS ? 1 : sharers;
}

/** Workgroups that a dispatch is spread over, if it is large enough: a few for each core or compute unit. */
const WORKGROUPS = 16;
const LARGEST_WORKGROUP = 256;

/** Threads of the workgroups that take some loops. */
export function workgroupSize(
  loops: readonly Nest[],
  layouts: readonly Layout[],
  { adapter, smallestWorkgroup }: Tuning,
): number {
  if (layouts.some(({ sharers }) => sharers > 1)) {
    return adapter.software ? SHARERS_ON_A_CPU : sharedSize(loops, layouts);
  }
  const threads = loops.reduce((sum, loop, i) => sum + threadsOf(loop, layouts[i]), 0);
  const even = powerBelow(threads / WORKGROUPS);
  return Math.min(LARGEST_WORKGROUP, Math.max(smallestWorkgroup, even));
}

/** What every device has. */
const WORKGROUP_MEMORY = 16_384;

/** The largest workgroup of which all threads find columns, and memory for what they share. */
function sharedSize(loops: readonly Nest[], layouts: readonly Layout[]): number {
  const shared = loops.reduce((sum, loop, i) => sum + sharedBytes(loop, layouts[i]), 0);
  const most = loops.map((loop, i) =>
    layouts[i].sharers === 1
      ? LARGEST_WORKGROUP
      : rowsTogether(loop, layouts[i], LARGEST_WORKGROUP) * powerBelow(loop.cols),
  );
  return Math.max(Math.min(LARGEST_WORKGROUP, powerBelow(WORKGROUP_MEMORY / shared), ...most), 32);
}

/** Bytes that each thread of a workgroup shares in a loop. */
const sharedBytes = (loop: Nest, { sharers }: Layout): number =>
  sharers === 1
    ? 0
    : 4 * loop.values.filter(isFold).reduce((n, v) => n + v.role.fold.identity.length, 0);
