import * as I from "../base/index-expr.ts";
import { addTo, getOrMake } from "../base/maps.ts";
import { sizeOf } from "../base/shape.ts";
import type { Application } from "../graph/application.ts";
import { textKey } from "../graph/canonical.ts";
import type { ReduceAttrs, ScanAttrs } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { Expander, type LoadedElement } from "./expression.ts";
import { BATCH, COLUMN, PRODUCT_COLUMN, PRODUCT_ROW, ROW } from "./loop-variables.ts";
import { isInMemory, lengthOf, LONGEST, type Stored } from "./materialize.ts";

// Stored values that are computed in one kernel. A kernel loops over rows r and, within a row, columns c; `place` is
// where element (r, c) lies in the tensors that have one for each. An elementwise kernel has rows alone. The rows of a
// matrix product are its elements, and what joins it is its epilogue.

/** Where a member has its elements: one for each row, or one for each row and column. */
export type Level = "row" | "column";

/** Loops over rows and columns. */
interface Loops {
  rows: number;
  cols: number;
  /** Row-major place of element (r, c). */
  place: I.Index;
  /** The place of a row's own element in tensors that have one for each row. */
  row: I.Index;
}

export interface Group extends Loops {
  /** In the order in which they were made. */
  members: Map<Tensor, Level>;
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
}

/** How often the code of an epilogue stands in the kernel of a matrix product, compared with one for elements alone. */
export type EpilogueCopies = (product: Tensor) => number;

/** What only folds or moves elements adds to a kernel's length: kernels of nothing else end too. */
const NO_OPERATIONS = 4;

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
  const order = [...stored].filter((x) => x.size > 0).sort((a, b) => a.id - b.id);
  /** What a member of a kernel reads there: loops by element, an op with a shader of its own whatever is bound for it. */
  const readBy = (x: Tensor, loads: readonly LoadedElement[]) =>
    chosen.operands.get(x)?.map(({ tensor }) => tensor) ??
    chosen.inputs.get(x.application!) ??
    loads.map(({ tensor }) => tensor);
  const uses = new Map<Tensor, Tensor[]>();
  const known = new Map<string, Loops>();
  const loopsOf = (x: Tensor) => getOrMake(known, loopsKey(x), () => loopsFor(x));
  const alone = order.map((x): Alone => {
    const kind = x.op!.kind;
    const { rows, cols, place, row } = loopsOf(x);
    // A spread that is added to takes V8 six times the memory of a literal.
    const group: Group = {
      rows,
      cols,
      place,
      row,
      members: new Map(),
      product: kind === "contract" ? x : null,
      call: kind === "composite" ? x.application : null,
      length: lengthOf(x, stored),
      first: x.id,
      last: x.id,
      reads: new Set(),
    };
    const loads = loadsOf(x, group, ownLevel(x), expander);
    const read = readBy(x, loads);
    for (const tensor of read) addTo(uses, tensor, x);
    return { x, group, loads, read };
  });
  const context: Context = {
    stored,
    expander,
    groupOf,
    uses,
    bindings,
    longest: (host: Group) => LONGEST / (host.product ? epilogueCopies(host.product) : 1),
    assigned,
    roots: new Set(roots),
    readBy: new Map(),
  };

  for (const own of alone) {
    const { x, group } = own;
    const host = hostOf(own, context);
    if (host) {
      if (host.call) host.members.set(x, ownLevel(x));
      else host.length += group.length || NO_OPERATIONS;
      groupOf.set(x, host);
      raise(host, x.id, context);
      const loads = loadsOf(x, host, host.members.get(x)!, expander);
      addReads(host, readBy(x, loads), context);
    } else {
      group.members.set(x, ownLevel(x));
      groups.push(group);
      groupOf.set(x, group);
      addReads(group, own.read, context);
    }
  }
  return { groups, groupOf };
}

/** A stored value with the loops that it would have alone, and what it would read from memory there. */
interface Alone {
  x: Tensor;
  group: Group;
  loads: readonly LoadedElement[];
  read: readonly Tensor[];
}

interface Context {
  stored: ReadonlySet<Tensor>;
  expander: Expander;
  groupOf: Map<Tensor, Group>;
  /** The stored values that read a stored value. */
  uses: ReadonlyMap<Tensor, readonly Tensor[]>;
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

/** Equal for values that would have equal loops. */
const loopsKey = (x: Tensor): string =>
  accumulates(x)
    ? `${x.inputs[0].shape}${textKey(x.attrs)}`
    : `${x.op!.kind === "contract" ? x.shape : x.size}`;

/** The loops that a value would have alone. */
function loopsFor(x: Tensor): Loops {
  if (accumulates(x)) {
    const [{ shape }] = x.inputs;
    const { axis, axes = [axis!], reverse } = x.attrs as Partial<ReduceAttrs & ScanAttrs>;
    const kept = shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
    const along = shape.map((n, axis) => (axes.includes(axis) ? n : 1));
    const [rows, cols] = [sizeOf(kept), sizeOf(along)];
    const row = I.variable(ROW, rows);
    const r = I.unflatten(row, kept);
    const column = I.variable(COLUMN, cols);
    const c = I.unflatten(reverse ? I.combine([[column, -1]], cols - 1) : column, along);
    const place = I.flatten(
      r.map((i, axis) => (axes.includes(axis) ? c[axis] : i)),
      shape,
    );
    return { rows, cols, place, row };
  }
  let row = I.variable(ROW, x.size);
  if (x.op?.kind === "contract") {
    const [m, n] = x.shape.slice(-2);
    row = I.combine([
      [I.variable(BATCH, x.size / (m * n)), m * n],
      [I.variable(PRODUCT_ROW, m), n],
      [I.variable(PRODUCT_COLUMN, n), 1],
    ]);
  }
  return { rows: x.size, cols: 1, place: row, row };
}

/** What a member's loop reads from memory at the place of a kernel where it has its elements. */
function loadsOf(
  x: Tensor,
  group: Group,
  level: Level,
  expander: Expander,
): readonly LoadedElement[] {
  if (group.call || x === group.product) return [];
  if (accumulates(x)) {
    return x.inputs.flatMap((y) => expander.loadsOf(expander.element(y, group.place)));
  }
  const place = level === "row" ? group.row : group.place;
  return expander.loadsOf(expander.definition(x, place));
}

/** How many kernels that read the same are tried, the newest first, and among how many of those that read a tensor. */
const MOST_SIBLINGS = 16;
const MOST_READERS = 64;

/** The kernel that a value becomes a member of, if there is one: of several results of an op that of the others. */
function hostOf(own: Alone, context: Context): Group | null {
  const { product, call } = own.group;
  if (product) return null;
  if (!call) return findHost(own, context);
  const other = call.results.find((y) => context.groupOf.has(y));
  return (other && context.groupOf.get(other)) ?? null;
}

/** A kernel that a value can join, the newest first. */
function findHost(own: Alone, context: Context): Group | null {
  const producers: Group[] = [];
  for (const { tensor } of own.loads) {
    const producer = context.groupOf.get(tensor);
    if (producer && !producers.includes(producer)) producers.push(producer);
  }
  const canJoin = (g: Group) => !dependOn(g, producers, context) && join(g, own, context);
  return (
    newestFirst(producers).find(canJoin) ??
    siblingsOf(own, context)
      .slice(0, MOST_SIBLINGS)
      .find((g) => !producers.includes(g) && canJoin(g)) ??
    null
  );
}

const newestFirst = (groups: Group[]) =>
  groups.length > 1 ? groups.sort((a, b) => b.first - a.first) : groups;

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
function dependOn(group: Group, others: readonly Group[], { groupOf }: Context): boolean {
  if (!others.some((other) => other !== group && other.last >= group.first)) return false;
  const seen = new Set(others);
  seen.delete(group);
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

/** Kernels that loop as a value would and read some of what it reads, once for both: the newest first. */
function siblingsOf({ group: own, loads }: Alone, { readBy }: Context): Group[] {
  const found = new Set<Group>();
  for (const { tensor } of loads) {
    if (tensor.size <= 1) continue;
    const readers = readBy.get(tensor) ?? [];
    for (let i = Math.max(0, readers.length - MOST_READERS); i < readers.length; i++) {
      const g = readers[i];
      if (g.product || g.call || g.rows !== own.rows || g.cols !== own.cols) continue;
      if (g.place.key === own.place.key) found.add(g);
    }
  }
  return newestFirst([...found]);
}

/** Makes a value a member of a kernel if it reads the other members just where they are computed. */
function join(host: Group, { x, group: own }: Alone, context: Context): boolean {
  if (host.call) return false;
  const isAccumulated = accumulates(x);
  // A kernel of rows alone can become one of rows and columns, but for its folds.
  const widened =
    isAccumulated &&
    host.cols === 1 &&
    !host.product &&
    host.rows === own.rows * own.cols &&
    ![...host.members.keys()].some(accumulates);
  const loops = widened ? own : host;
  // A kernel of one column counts as one of rows alone, which has no loop that a fold's result could wait for the end
  // of: such folds have a kernel to themselves.
  if (isAccumulated) {
    if (own.cols === 1) return false;
    if (host.product || loops.rows !== own.rows || loops.cols !== own.cols) return false;
    if (loops.place.key !== own.place.key) return false;
    // Threads that take a row each need rows that are neighbours in memory and not too long.
    if (widened && (own.cols > LONGEST_JOINED_ROW || !isTrailing(own))) return false;
  }
  const room = context.longest(host) - host.length - own.length;
  if (room < 0) return false;
  const level = levelOf(x, loops, host);
  if (!level || isPartOfUpdate(x, host, context)) return false;
  const candidate = widened ? { ...own, members: asColumns(host) } : host;
  const loads = loadsOf(x, candidate, level, context.expander);
  const again = lengthAgain(candidate, x, level, loads, context);
  if (again > room || !fits(host, x, loads, context)) return false;
  if (widened) {
    host.rows = own.rows;
    host.cols = own.cols;
    host.place = own.place;
    host.row = own.row;
    host.members = candidate.members;
  }
  host.members.set(x, level);
  host.length += again;
  return true;
}

/**
 * Whether x is one of several values that variables are given from one gradient: an optimizer with state. In the kernel
 * that makes the gradient they cost more than they save (measured for Adam: 1.1 to 1.4 times the step); by themselves
 * the updates of all parameters become one kernel.
 */
function isPartOfUpdate(x: Tensor, host: Group, { assigned, uses }: Context): boolean {
  if (!assigned.has(x) || (!host.product && host.cols === 1)) return false;
  const readers = (member: Tensor) => uses.get(member) ?? [];
  return [...host.members.keys()].some(
    (m) =>
      assigned.has(m) ||
      (readers(m).includes(x) && readers(m).filter((r) => assigned.has(r)).length > 1),
  );
}

const asColumns = (host: Group) =>
  new Map<Tensor, Level>([...host.members.keys()].map((m) => [m, "column"]));

/** Whether a row's elements follow each other in memory. */
const isTrailing = ({ row, cols, place }: Group) =>
  place.key ===
  I.combine([
    [row, cols],
    [I.variable(COLUMN, cols), 1],
  ]).key;

function levelOf(x: Tensor, loops: Group, host: Group): Level | null {
  if (accumulates(x)) return ownLevel(x);
  if (host.product || host.cols === 1) return x.size === host.rows ? "row" : null;
  if (x.size === loops.rows * loops.cols && loops.cols > 1) return "column";
  return x.size === loops.rows ? "row" : null;
}

/**
 * Operations that are computed again for x to join a kernel. It reads the kernel's own values at its own row and column;
 * an element that it reads for the whole row is computed for it. ∞ where it reads others.
 */
function lengthAgain(
  host: Group,
  x: Tensor,
  level: Level,
  loads: readonly LoadedElement[],
  { expander, stored }: Context,
): number {
  const isRowMap = level === "row" && !accumulates(x) && host.cols > 1;
  let length = 0;
  const pending = new Set(loads);
  for (const { tensor, index, inIndex } of pending) {
    const member = host.members.get(tensor);
    if (!member) continue;
    if (inIndex) return Infinity;
    const isColumn = member === "column";
    const own = isColumn ? host.place : host.row;
    if (index.key === own.key && !(isRowMap && isColumn)) continue;
    if (!isColumn || accumulates(tensor) || I.mentions(index, COLUMN)) return Infinity;
    length += lengthOf(tensor, stored);
    for (const load of expander.loadsOf(expander.definition(tensor, index))) pending.add(load);
  }
  return length;
}

/** Whether a kernel with x binds no more buffers than a device allows. */
function fits(
  host: Group,
  x: Tensor,
  loads: readonly LoadedElement[],
  { bindings, uses, roots }: Context,
): boolean {
  const isMember = (m: Tensor) => m === x || host.members.has(m);
  const isWritten = (m: Tensor) =>
    roots.has(m) || (uses.get(m) ?? []).some((reader) => !isMember(reader));
  let bound = host.reads.size + Number(isWritten(x));
  if (bound + loads.length + host.members.size <= bindings) return true;
  loads.forEach(({ tensor }, i) => {
    const isNew = !isMember(tensor) && !host.reads.has(tensor);
    if (isNew && loads.findIndex((l) => l.tensor === tensor) === i) bound++;
  });
  for (const m of host.members.keys()) if (isWritten(m)) bound++;
  return bound <= bindings;
}

function addReads(target: Group, read: readonly Tensor[], { readBy }: Context): void {
  for (const tensor of read) {
    if (target.reads.has(tensor) || target.members.has(tensor)) continue;
    target.reads.add(tensor);
    addTo(readBy, tensor, target);
  }
}
