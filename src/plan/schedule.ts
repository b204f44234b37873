import type { Effect } from "../graph/program.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Variable } from "../graph/variable.ts";
import { tensorsRead, tensorsWritten, type Loop } from "./nest.ts";

/** Who has to run before whom. */
export class Order<T> {
  readonly #before = new Map<T, Set<T>>();

  constructor(nodes: readonly T[]) {
    for (const node of nodes) this.#before.set(node, new Set());
  }

  add(first: T, then: T): void {
    if (first !== then) this.#before.get(then)!.add(first);
  }

  before(node: T): ReadonlySet<T> {
    return this.#before.get(node)!;
  }

  /** All that a node has to wait for, directly or through others. */
  awaited(node: T): Set<T> {
    const found = new Set(this.before(node));
    for (const first of found) this.before(first).forEach((earlier) => found.add(earlier));
    return found;
  }

  /** Puts one node in the place of several, none of which waits for another. */
  merge(old: readonly T[], merged: T): void {
    const all = new Set(old.flatMap((node) => [...this.before(node)]));
    for (const node of old) this.#before.delete(node);
    for (const before of this.#before.values()) {
      let waited = false;
      for (const node of old) waited = before.delete(node) || waited;
      if (waited) before.add(merged);
    }
    this.#before.set(merged, all);
  }

  /** The nodes, each behind all that it waits for; otherwise in the order given. */
  sorted(nodes: readonly T[]): T[] {
    const done = new Set<T>();
    const result: T[] = [];
    const visit = (node: T) => {
      if (done.has(node)) return;
      done.add(node);
      this.before(node).forEach(visit);
      result.push(node);
    };
    nodes.forEach(visit);
    return result;
  }
}

/** The order that the data flow between loops asks for. */
export function dataFlow(loops: readonly Loop[]): Order<Loop> {
  const order = new Order(loops);
  const producer = new Map(loops.flatMap((l) => tensorsWritten(l).map((x) => [x, l] as const)));
  for (const loop of loops) {
    for (const x of tensorsRead(loop)) {
      const from = producer.get(x);
      if (from) order.add(from, loop);
    }
  }
  return order;
}

/**
 * Which assigned values can be written straight into their variable: those that every reader of the old value can
 * run before, and whose own kernel reads of the old value nothing but the element that it then writes.
 */
export function writeInPlace(
  effects: readonly Effect[],
  loops: readonly Loop[],
  order: Order<Loop>,
): Map<Tensor, Variable> {
  const inPlace = new Map<Tensor, Variable>();
  const writers = new Map(loops.flatMap((l) => tensorsWritten(l).map((x) => [x, l] as const)));
  const readersOf = new Map<Variable, Loop[]>();
  for (const loop of loops) {
    for (const { source } of tensorsRead(loop)) {
      if (source?.kind !== "variable") continue;
      readersOf.set(source.variable, [...(readersOf.get(source.variable) ?? []), loop]);
    }
  }
  for (const { variable, value } of effects) {
    const writer = writers.get(value);
    // A value that several variables are given is copied to each: a copy within one buffer is not allowed.
    const shared = effects.filter((e) => e.value === value).length > 1;
    if (!writer || shared) continue;
    const readers = readersOf.get(variable) ?? [];
    const others = readers.filter((l) => l !== writer);
    if (readers.includes(writer) && !readsOwnElement(writer, value, variable)) continue;
    if (others.some((l) => order.awaited(l).has(writer))) continue;
    inPlace.set(value, variable);
    for (const reader of others) order.add(reader, writer);
  }
  return inPlace;
}

const isValueOf = (x: Tensor, variable: Variable) =>
  x.source?.kind === "variable" && x.source.variable === variable;

/** Whether a kernel reads a variable's old value only at the element that the same thread then writes. */
function readsOwnElement(loop: Loop, value: Tensor, variable: Variable): boolean {
  const operands = loop.product ? [loop.product.a.tensor, loop.product.b.tensor] : [];
  // What is folded is read in a loop of its own, before or after other values are stored.
  const reduces = loop.cols > 1 || loop.values.some((v) => v.fold);
  if (reduces || operands.some((x) => isValueOf(x, variable))) return false;
  const place = loop.values.find((v) => v.tensor === value)!.place!;
  return loop.values.every(({ element }) => ownElementOnly(element, variable, place.key));
}

function ownElementOnly(
  x: Loop["values"][number]["element"],
  variable: Variable,
  key: string,
): boolean {
  switch (x.kind) {
    case "load":
      return !isValueOf(x.tensor, variable) || x.index.key === key;
    case "map":
      return x.args.every((arg) => ownElementOnly(arg, variable, key));
    case "pieces":
      return [...x.pieces.map((p) => p.value), x.otherwise].every((v) =>
        ownElementOnly(v, variable, key),
      );
    default:
      return true;
  }
}

/** The most loops that one dispatch carries out. */
const MOST_MERGED = 8;
/** How many dispatches back a loop looks for one to join. */
const LOOK_BACK = 16;

/**
 * Small loops that don't wait for each other share a dispatch, each with workgroups of its own, as long as one
 * kernel can bind all that they touch: that is what `fits` tells of a list of loops. They come in an order in which they
 * can run.
 */
export function merge(
  loops: readonly Loop[],
  order: Order<Loop>,
  fits: (loops: readonly Loop[]) => boolean,
): Loop[][] {
  const steps = new Map(loops.map((l) => [l, [l]]));
  const flow = new Order([...steps.values()]);
  for (const loop of loops) {
    for (const first of order.before(loop)) flow.add(steps.get(first)!, steps.get(loop)!);
  }
  let open: Loop[][] = [];
  let all = [...steps.values()];
  for (const step of all) {
    if (!isSmall(step[0])) continue;
    // None of those before it waits for it.
    const awaited = flow.awaited(step);
    const host = open.find(
      (other) => other.length < MOST_MERGED && !awaited.has(other) && fits([...other, ...step]),
    );
    if (!host) {
      open = [...open.slice(1 - LOOK_BACK), step];
      continue;
    }
    const merged = [...host, ...step];
    flow.merge([host, step], merged);
    open = open.map((other) => (other === host ? merged : other));
    all = all.filter((other) => other !== step).map((other) => (other === host ? merged : other));
  }
  return flow.sorted(all);
}

/** Too little work for a dispatch of its own to matter. */
const isSmall = (loop: Loop) => !loop.product && loop.rows * loop.cols <= 65_536;
