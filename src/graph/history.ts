import { sizeInBytes } from "../base/dtype.ts";
import { getOrMake } from "../base/maps.ts";
import { WeakList } from "../base/weak-list.ts";
import type { Backend } from "./backend.ts";
import { OUTDATED, OUTGROWN } from "./cut.ts";
import { marksBelow } from "./marks.ts";
import { derivationOf, lineageOf, ordered, topologicalOrder, type Tensor } from "./tensor.ts";
import type { Variable } from "./variable.ts";

// An evaluated tensor can still be differentiated, so it refers to what it was computed from. Two things bound that:
// the length of a history, and how often the variables that it read may be assigned since.

/** How much history is kept behind an evaluated tensor, in nodes; so many bytes of values count as one. */
const LONGEST_HISTORY = 16_384;
const BYTES_OF_A_NODE = 4096;
/** A history is counted when so much has been added to it. */
const COUNTED_EVERY = 4096;
/** The nodes of a history that is not worth being let go. */
const SHORT_HISTORY = 256;

/** How many runs that overwrote variables are remembered, and how many bytes of old values: the last run in any case. */
const MOST_RUNS = 64;
const MOST_BYTES = 64 * 1024 * 1024;

let keeping = 0;

/** Calls a function within which no history is let go, however long. */
export function keepingHistory<T>(fn: () => T): T {
  keeping++;
  try {
    return fn();
  } finally {
    keeping--;
  }
}

/** Whether such a function is under way: one that is being differentiated. */
export const keepsHistory = (): boolean => keeping > 0;

/** Those evaluated from a variable's value. */
const dependents = new WeakMap<Tensor, WeakList<Tensor>>();

/** Notes what nodes that are about to be evaluated are computed from. */
export function remember(outputs: readonly Tensor[]): void {
  const order = topologicalOrder(outputs);
  // What has been evaluated before has been noted then, and no derivative passes an assignment.
  const inputsOf = (node: Tensor) => (node.source ? [] : (derivationOf(node)?.inputs ?? []));
  const versions = order.filter((node) => node.versionOf);
  const versionsBelow = marksBelow(order, inputsOf, versions);
  const readers = order.filter((node) => readsOf(node).size > 0);
  const readersBelow = marksBelow(order, inputsOf, readers);
  let [deepest, added] = [0, 0];
  for (const node of order) {
    deepest = Math.max(deepest, node.grown);
    added += Math.min(weightOf(node), SHORT_HISTORY);
  }
  for (const x of outputs) {
    for (const node of versionsBelow(x)) addDependent(node, node.versionOf!, x);
    x.reads = shared(new Set(readersBelow(x).flatMap((node) => [...readsOf(node)])));
    x.grown = deepest + added;
  }
}

/** A value that never got into the storage, as it was replaced before, goes with the one that did. */
function addDependent(version: Tensor, variable: Variable, x: Tensor): void {
  const node = version.source ? version : (variable.pending ?? variable.stored);
  getOrMake(dependents, node, () => new WeakList()).add(x);
}

/**
 * The ids of the variables that a source or an evaluated node was computed from, and of the tensors in the closures of
 * compiled functions.
 */
export const readsOf = (node: Tensor): ReadonlySet<number> =>
  node.versionOf ? new Set([node.versionOf.id]) : node.reads;

const known = new Map<string, ReadonlySet<number>>();
/** The most sets that are known at a time. */
const MOST_KNOWN = 256;

/** One set for all that are equal: the tensors that a loop leaves behind read the same variables. */
function shared(ids: ReadonlySet<number>): ReadonlySet<number> {
  const key = [...ids].sort((a, b) => a - b).join();
  const set = known.get(key) ?? ids;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, set);
  return set;
}

/** Whether a node has its value, and it is known how that was computed. */
const isEvaluated = (node: Tensor) => node.source !== null && node.made !== null;

/** Values that are kept only because a history refers to them take memory. */
const weightOf = (node: Tensor): number =>
  1 + (isEvaluated(node) ? Math.floor(sizeInBytes(node) / BYTES_OF_A_NODE) : 0);

/** Lets go of the far end of the history of nodes that one run evaluated, where it has become too long. */
export function shorten(outputs: readonly Tensor[]): void {
  if (keepsHistory() || outputs.every((x) => x.grown < COUNTED_EVERY)) return;
  for (const x of outputs) x.grown = 0;
  const order = lineageOf(outputs);
  let at = order.length;
  let room = LONGEST_HISTORY;
  while (at > 0 && room > 0) room -= weightOf(order[--at]);
  const far = new Set(order.slice(0, at));
  // The first evaluated nodes beyond what is kept; those in between are needed to compute others.
  const isEnd = (node: Tensor) => isEvaluated(node) && far.has(node);
  const inputsOf = (node: Tensor) => (isEnd(node) ? [] : (derivationOf(node)?.inputs ?? []));
  for (const node of ordered(outputs, inputsOf)) {
    if (isEnd(node) && !isShort(node)) node.forget(OUTGROWN);
  }
}

function isShort(node: Tensor): boolean {
  const seen = new Set([node]);
  for (const x of seen) {
    for (const input of derivationOf(x)?.inputs ?? []) seen.add(input);
    if (seen.size > SHORT_HISTORY) return false;
  }
  return true;
}

/** What was evaluated from values that one run overwrote, and the bytes that keeping these takes. */
interface Overwritten {
  dependents: WeakList<Tensor>[];
  bytes: number;
}

const overwritten: Overwritten[] = [];
let keptBytes = 0;

/**
 * Before variables are overwritten: where a node that is not evaluated yet needs the old value, or the derivative of one
 * that is, it is copied.
 */
export function protectReaders(backend: Backend, variables: readonly Variable[]): void {
  const run: Overwritten = { dependents: [], bytes: 0 };
  for (const variable of variables) {
    const old = variable.protectReaders(() => backend.copyOf(variable));
    const own = old && dependents.get(old);
    if (!own) continue;
    dependents.delete(old);
    run.dependents.push(own);
    if (old.source?.kind === "stored") run.bytes += sizeInBytes(variable);
  }
  if (run.dependents.length === 0) return;
  overwritten.push(run);
  keptBytes += run.bytes;
  if (keepsHistory()) return;
  while (overwritten.length > 1 && (overwritten.length > MOST_RUNS || keptBytes > MOST_BYTES)) {
    const { dependents: old, bytes } = overwritten.shift()!;
    keptBytes -= bytes;
    for (const list of old) for (const x of list) x.forget(OUTDATED);
  }
}
