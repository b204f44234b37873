import * as I from "../base/index-expr.ts";
import { sizeOf } from "../base/shape.ts";
import type { Application } from "../graph/application.ts";
import type { ReduceAttrs, ScanAttrs } from "../graph/op.ts";
import { topologicalOrder, type Tensor } from "../graph/tensor.ts";
import { Expander, type LoadedElement } from "./expression.ts";
import { BATCH, COLUMN, PRODUCT_COLUMN, PRODUCT_ROW, ROW } from "./loop-variables.ts";
import { isInMemory, lengthOf, LONGEST, type Stored } from "./materialize.ts";

// Stored values that are computed in one kernel. A kernel loops over rows r and, within a row, columns c; `place` is
// where element (r, c) lies in the tensors that have one for each. An elementwise kernel has rows alone. The rows of a
// matrix product are its elements, and what joins it is its epilogue.

/** Where a member has its elements: one for each row, or one for each row and column. */
export type Level = "row" | "column";

export interface Group {
  readonly id: number;
  rows: number;
  cols: number;
  /** Row-major place of element (r, c). */
  place: I.Index;
  readonly members: Map<Tensor, Level>;
  readonly product: Tensor | null;
  /** An op with a kernel of its own, which nothing joins: its results are the members. */
  readonly call: Application | null;
  /** Tensors from memory that it reads. */
  readonly reads: Set<Tensor>;
  /** The id of its first member. */
  first: number;
  /** The largest id of a member of it, or of any kernel that it depends on: what depends on it has one as large. */
  last: number;
  /** Operations that it computes. */
  length: number;
}

export interface Grouped {
  groups: Group[];
  groupOf: ReadonlyMap<Tensor, Group>;
  expander: Expander;
}

/** How often the code of an epilogue stands in the kernel of a matrix product, compared with one for elements alone. */
export type EpilogueCopies = (product: Tensor) => number;

/** The place of a row's own element in tensors that have one for each row. */
export const rowPlace = (group: Group): I.Index =>
  group.product ? group.place : I.variable(ROW, group.rows);

/** Longer rows are not folded in the kernel that computes their elements one by one: too few threads would do it. */
const LONGEST_JOINED_ROW = 4096;

/** Puts stored values into as few kernels as their data flow and the number of bindings allow. */
export function fuse(
  roots: readonly Tensor[],
  assigned: ReadonlySet<Tensor>,
  chosen: Stored,
  bindings: number,
  epilogueCopies: EpilogueCopies,
): Grouped {
  const { stored } = chosen;
  const expander = new Expander((x) => isInMemory(x, stored));
  const groups: Group[] = [];
  const groupOf = new Map<Tensor, Group>();
  const uses = usesOf(roots, chosen, expander);
  const context: Context = {
    expander,
    groupOf,
    stored,
    uses,
    bindings,
    longest: (host: Group) => LONGEST / (host.product ? epilogueCopies(host.product) : 1),
    assigned,
    roots: new Set(roots),
    readBy: new Map(),
  };

  for (const x of topologicalOrder(roots)) {
    if (!stored.has(x) || x.size === 0) continue;
    const own = groupFor(x, groups.length);
    const host = hostOf(x, own, context);
    const target = host ?? own;
    if (!host) groups.push(own);
    if (!host || own.call) target.members.set(x, ownLevel(x));
    groupOf.set(x, target);
    raise(target, x.id, context);
    target.length += lengthOf(x, stored);
    const loads = () => loadsIn(target, x, target.members.get(x)!, expander);
    addReads(target, readsOf(x, chosen) ?? loads().map(({ tensor }) => tensor), context);
  }
  return { groups, groupOf, expander };
}

interface Context {
  expander: Expander;
  groupOf: Map<Tensor, Group>;
  stored: ReadonlySet<Tensor>;
  /** The stored values that read a stored value. */
  uses: ReadonlyMap<Tensor, ReadonlySet<Tensor>>;
  bindings: number;
  /** Operations that a kernel may compute. */
  longest(host: Group): number;
  roots: ReadonlySet<Tensor>;
  /** Values that variables are given. */
  assigned: ReadonlySet<Tensor>;
  /** The kernels that read a tensor, the newest last. */
  readBy: Map<Tensor, Group[]>;
}

/** Whether a value takes in the elements of a row, one after the other: a fold or a scan. */
export const accumulates = ({ op }: Tensor): boolean =>
  op?.kind === "reduce" || op?.kind === "scan";

const ownLevel = ({ op }: Tensor): Level => (op?.kind === "scan" ? "column" : "row");

/** The loops that a value would have alone. */
function groupFor(x: Tensor, id: number): Group {
  const members = new Map<Tensor, Level>();
  const base = {
    id,
    members,
    product: null,
    call: null,
    length: 0,
    first: x.id,
    last: x.id,
    reads: new Set<Tensor>(),
  };
  if (accumulates(x)) {
    const [{ shape }] = x.inputs;
    const { axis, axes = [axis!], reverse } = x.attrs as Partial<ReduceAttrs & ScanAttrs>;
    const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
    const along = shape.map((n, axis) => (axes.includes(axis) ? n : 1));
    const [rows, cols] = [sizeOf(kept), sizeOf(along)];
    const r = I.unflatten(I.variable(ROW, rows), kept);
    const column = I.variable(COLUMN, cols);
    const c = I.unflatten(reverse ? I.combine([[column, -1]], cols - 1) : column, along);
    const place = I.flatten(
      r.map((i, axis) => (axes.includes(axis) ? c[axis] : i)),
      shape,
    );
    return { ...base, rows, cols, place };
  }
  if (x.op?.kind === "contract") {
    const [m, n] = x.shape.slice(-2);
    const batch = I.variable(BATCH, x.size / (m * n));
    const place = I.combine([
      [batch, m * n],
      [I.variable(PRODUCT_ROW, m), n],
      [I.variable(PRODUCT_COLUMN, n), 1],
    ]);
    return { ...base, rows: x.size, cols: 1, place, product: x };
  }
  const call = x.op?.kind === "composite" ? x.application : null;
  return { ...base, rows: x.size, cols: 1, place: I.variable(ROW, x.size), call };
}

/** What a member reads from memory at the place of a kernel where it has its elements. */
function loadsIn(
  group: Group,
  x: Tensor,
  level: Level,
  expander: Expander,
): readonly LoadedElement[] {
  if (accumulates(x)) {
    return x.inputs.flatMap((y) => expander.loadsOf(expander.element(y, group.place)));
  }
  const place = level === "row" ? rowPlace(group) : group.place;
  return expander.loadsOf(expander.definition(x, place));
}

/** What is bound for an op with a shader of its own, whatever it reads of that; null for loops. */
function readsOf(x: Tensor, { operands, inputs }: Stored): readonly Tensor[] | null {
  const operandsOfProduct = operands.get(x)?.map(({ tensor }) => tensor);
  return operandsOfProduct ?? inputs.get(x.application!) ?? null;
}

/** How many kernels that read the same are tried, the newest first. */
const MOST_SIBLINGS = 16;

/** The kernel that x becomes a member of, if there is one: of several results of an op that of the others. */
function hostOf(x: Tensor, own: Group, context: Context): Group | null {
  if (own.product) return null;
  if (!own.call) return findHost(x, own, context);
  const other = own.call.results.find((y) => context.groupOf.has(y));
  return (other && context.groupOf.get(other)) ?? null;
}

/** A kernel that x can join, the newest first. */
function findHost(x: Tensor, own: Group, context: Context): Group | null {
  const loads = loadsIn(own, x, ownLevel(x), context.expander);
  const producers = new Set<Group>();
  for (const { tensor } of loads) {
    const producer = context.groupOf.get(tensor);
    if (producer) producers.add(producer);
  }
  for (const host of [...producers].sort((a, b) => b.id - a.id)) {
    if (!dependOn(host, producers, context) && join(host, x, own, context)) return host;
  }
  const siblings = siblingsOf(own, loads, context).slice(0, MOST_SIBLINGS);
  const sibling = siblings.find(
    (g) => !producers.has(g) && !dependOn(g, producers, context) && join(g, x, own, context),
  );
  return sibling ?? null;
}

/**
 * Notes that a kernel has a member as late as `last`. What reads any of its members, even earlier ones, runs after the
 * whole kernel, and so after all that this member reads.
 */
function raise(group: Group, last: number, { readBy }: Context): void {
  const pending = [group];
  for (let next = pending.pop(); next; next = pending.pop()) {
    next.last = last;
    for (const member of next.members.keys()) {
      for (const reader of readBy.get(member) ?? []) if (reader.last < last) pending.push(reader);
    }
  }
}

/** Whether any of some kernels but `group` itself depends on it. */
function dependOn(group: Group, others: ReadonlySet<Group>, { groupOf }: Context): boolean {
  const seen = new Set([...others].filter((other) => other !== group));
  for (const other of seen) {
    if (other === group) return true;
    if (other.last < group.first) continue;
    for (const tensor of other.reads) {
      const producer = groupOf.get(tensor);
      if (producer) seen.add(producer);
    }
  }
  return false;
}

/** Kernels that loop as x would and read some of what x reads, once for both: the newest first. */
function siblingsOf(own: Group, loads: readonly LoadedElement[], { readBy }: Context): Group[] {
  const found = new Set<Group>();
  for (const { tensor } of loads) {
    if (tensor.size <= 1) continue;
    for (const g of readBy.get(tensor) ?? []) {
      if (g.product || g.call || g.rows !== own.rows || g.cols !== own.cols) continue;
      if (g.place.key === own.place.key) found.add(g);
    }
  }
  return [...found].sort((a, b) => b.id - a.id);
}

/** Makes x a member of a kernel if it reads the other members just where they are computed. */
function join(host: Group, x: Tensor, own: Group, context: Context): boolean {
  if (host.call) return false;
  const isAccumulated = accumulates(x);
  // A kernel of rows alone can become one of rows and columns, but for its folds.
  const folds = [...host.members.keys()].some(accumulates);
  const widened =
    isAccumulated &&
    host.cols === 1 &&
    !host.product &&
    !folds &&
    host.rows === own.rows * own.cols;
  const loops = widened ? own : host;
  // Of a loop over one column it could not be told which folds are over: these have a kernel to themselves.
  if (isAccumulated) {
    if (own.cols === 1) return false;
    if (host.product || loops.cols !== own.cols || loops.place.key !== own.place.key) return false;
    // Threads that take a row each need rows that are neighbours in memory and not too long.
    if (widened && (own.cols > LONGEST_JOINED_ROW || !isTrailing(own))) return false;
  }
  if (host.length + lengthOf(x, context.stored) > context.longest(host)) return false;
  const level = levelOf(x, loops, host);
  if (!level || isPartOfUpdate(x, host, context)) return false;
  const candidate: Group = {
    ...loops,
    product: host.product,
    members: widened ? asColumns(host) : host.members,
  };
  if (!readsInPlace(candidate, x, level, context)) return false;
  if (!fits(candidate, host, x, level, context)) return false;
  if (widened) {
    host.rows = own.rows;
    host.cols = own.cols;
    host.place = own.place;
    for (const member of host.members.keys()) host.members.set(member, "column");
  }
  host.members.set(x, level);
  return true;
}

/**
 * Whether x is one of several values that variables are given from one gradient: an optimizer with state. In the kernel
 * that makes the gradient they cost more than they save (measured for Adam: 1.1 to 1.4 times the step); by themselves
 * the updates of all parameters become one kernel.
 */
function isPartOfUpdate(x: Tensor, host: Group, { assigned, uses }: Context): boolean {
  if (!assigned.has(x) || (!host.product && host.cols === 1)) return false;
  const readers = (member: Tensor) => [...(uses.get(member) ?? [])];
  return [...host.members.keys()].some(
    (m) =>
      assigned.has(m) ||
      (readers(m).includes(x) && readers(m).filter((r) => assigned.has(r)).length > 1),
  );
}

const asColumns = (host: Group) =>
  new Map<Tensor, Level>([...host.members.keys()].map((m) => [m, "column"]));

/** Whether a row's elements follow each other in memory. */
const isTrailing = ({ rows, cols, place }: Group) =>
  place.key ===
  I.combine([
    [I.variable(ROW, rows), cols],
    [I.variable(COLUMN, cols), 1],
  ]).key;

function levelOf(x: Tensor, loops: Group, host: Group): Level | null {
  if (accumulates(x)) return ownLevel(x);
  if (host.product || host.cols === 1) return x.size === host.rows ? "row" : null;
  if (x.size === loops.rows * loops.cols && loops.cols > 1) return "column";
  return x.size === loops.rows ? "row" : null;
}

/** Whether all that x reads of a kernel's own values are those of its own row and column. */
function readsInPlace(host: Group, x: Tensor, level: Level, { expander }: Context): boolean {
  const [row, column] = [rowPlace(host).key, host.place.key];
  const isRowMap = level === "row" && !accumulates(x) && host.cols > 1;
  return loadsIn(host, x, level, expander).every(({ tensor, index, inIndex }) => {
    const member = host.members.get(tensor);
    if (!member) return true;
    const expected = member === "row" ? row : column;
    return !inIndex && index.key === expected && !(isRowMap && member === "column");
  });
}

/** Whether a kernel with x binds no more buffers than a device allows. */
function fits(candidate: Group, host: Group, x: Tensor, level: Level, context: Context): boolean {
  const { expander, bindings, uses, roots } = context;
  const members = new Set([...host.members.keys(), x]);
  const reads = new Set(host.reads);
  for (const { tensor } of loadsIn(candidate, x, level, expander)) {
    if (!members.has(tensor)) reads.add(tensor);
  }
  const written = [...members].filter(
    (m) => roots.has(m) || [...(uses.get(m) ?? [])].some((reader) => !members.has(reader)),
  );
  return reads.size + written.length <= bindings;
}

function addReads(target: Group, read: readonly Tensor[], { readBy }: Context): void {
  for (const tensor of read) {
    if (target.reads.has(tensor) || target.members.has(tensor)) continue;
    target.reads.add(tensor);
    const readers = readBy.get(tensor) ?? [];
    readers.push(target);
    readBy.set(tensor, readers);
  }
}

/** Which stored values read which. */
function usesOf(
  roots: readonly Tensor[],
  chosen: Stored,
  expander: Expander,
): Map<Tensor, Set<Tensor>> {
  const uses = new Map<Tensor, Set<Tensor>>();
  const add = (read: Tensor, reader: Tensor) => {
    const readers = uses.get(read) ?? new Set<Tensor>();
    uses.set(read, readers.add(reader));
  };
  for (const x of topologicalOrder(roots)) {
    if (!chosen.stored.has(x)) continue;
    const loads = () => (x.size === 0 ? [] : loadsIn(groupFor(x, -1), x, ownLevel(x), expander));
    const read = readsOf(x, chosen) ?? loads().map(({ tensor }) => tensor);
    for (const tensor of read) add(tensor, x);
  }
  return uses;
}
