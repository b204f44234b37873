import { addTo } from "../base/maps.ts";
import type { Effect } from "../graph/program.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Variable } from "../graph/variable.ts";
import { Dependencies } from "./dependencies.ts";
import { LONGEST } from "./materialize.ts";
import { isAccumulated, isCall, tensorsRead, tensorsWritten, type Part } from "./nest.ts";
import type { BindingKey } from "./plan.ts";

/** The order that the data flow between loops asks for. */
export function dataFlow(loops: readonly Part[]): Dependencies<Part> {
  const order = new Dependencies(loops);
  const writers = writersOf(loops);
  for (const loop of loops) {
    for (const x of tensorsRead(loop)) {
      const from = writers.get(x);
      if (from) order.add(from, loop);
    }
  }
  return order;
}

function writersOf(loops: readonly Part[]): Map<Tensor, Part> {
  const writers = new Map<Tensor, Part>();
  for (const loop of loops) for (const x of tensorsWritten(loop)) writers.set(x, loop);
  return writers;
}

/**
 * Which assigned values can be written straight into their variable: those that every reader of the old value can
 * run before, and whose own kernel reads of the old value nothing but the element that it then writes.
 */
export function writeInPlace(
  effects: readonly Effect[],
  loops: readonly Part[],
  order: Dependencies<Part>,
): Map<Tensor, Variable> {
  const inPlace = new Map<Tensor, Variable>();
  const writers = writersOf(loops);
  const readersOf = new Map<Variable, Part[]>();
  for (const loop of loops) {
    for (const { source } of tensorsRead(loop)) {
      if (source?.kind === "variable") addTo(readersOf, source.variable, loop);
    }
  }
  const uses = new Map<Tensor, number>();
  for (const { value } of effects) uses.set(value, (uses.get(value) ?? 0) + 1);
  for (const { variable, value } of effects) {
    const writer = writers.get(value);
    // A value that several variables are given is copied to each: a copy within one buffer is not allowed.
    if (!writer || uses.get(value)! > 1) continue;
    const readers = readersOf.get(variable) ?? [];
    const others = readers.filter((l) => l !== writer);
    if (readers.includes(writer) && !readsOwnElement(writer, value, variable)) continue;
    if (others.some((l) => order.waits(l, writer))) continue;
    inPlace.set(value, variable);
    for (const reader of others) order.add(reader, writer);
  }
  return inPlace;
}

const isValueOf = (x: Tensor, variable: Variable) =>
  x.source?.kind === "variable" && x.source.variable === variable;

/** Whether a kernel reads a variable's old value only at the element that the same thread then writes. */
function readsOwnElement(loop: Part, value: Tensor, variable: Variable): boolean {
  if (isCall(loop)) return false;
  const operands = loop.product ? [loop.product.a.tensor, loop.product.b.tensor] : [];
  // What is folded is read in a loop of its own, before or after other values are stored.
  const reduces = loop.cols > 1 || loop.values.some(isAccumulated);
  if (reduces || operands.some((x) => isValueOf(x, variable))) return false;
  const place = loop.values.find((v) => v.tensor === value)!.place!;
  return loop.values.every(({ loads }) =>
    loads.every((x) => !isValueOf(x.tensor, variable) || (!x.inIndex && x.index.key === place.key)),
  );
}

/** The most loops that one dispatch carries out. */
const MOST_MERGED = 8;
/** How many dispatches back a loop looks for one to join. */
const LOOK_BACK = 16;
/** Operations in loops that share a dispatch: their kernel is compiled as one. */
const LONGEST_MERGED = 2 * LONGEST;

/** Loops that share a dispatch, and what that binds. */
export interface PlanStep {
  loops: Part[];
  /** Operations. */
  length: number;
  /** The places that it binds, each once. */
  keys: BindingKey[];
  /** Those of what lies in buffers of several: a kernel may not bind the same bytes twice. */
  members: BindingKey[];
}

/** Whether one kernel can do and bind what two steps do. */
function canShare(a: PlanStep, b: PlanStep, bindings: number): boolean {
  if (a.length + b.length > LONGEST_MERGED) return false;
  const isNew = (key: BindingKey) => !a.keys.includes(key);
  if (a.keys.length + b.keys.filter(isNew).length > bindings) return false;
  return !a.members.some((m) => b.keys.includes(m)) && b.members.every(isNew);
}

/**
 * Small loops that don't wait for each other share a dispatch, each with workgroups of its own, as long as one
 * kernel can bind all that they touch. They come in an order in which they can run.
 */
export function merge(
  loops: readonly Part[],
  order: Dependencies<Part>,
  stepOf: (loop: Part) => PlanStep,
  bindings: number,
): Part[][] {
  const steps = new Map(loops.map((l) => [l, stepOf(l)]));
  const flow = new Dependencies([...steps.values()]);
  for (const loop of loops) {
    for (const first of order.before(loop)) flow.add(steps.get(first)!, steps.get(loop)!);
  }
  const kept = new Set(steps.values());
  let open: PlanStep[] = [];
  for (const step of steps.values()) {
    if (!isSmall(step.loops[0])) continue;
    const host = open.find(
      (other) =>
        other.loops.length < MOST_MERGED &&
        !flow.waits(step, other) &&
        canShare(other, step, bindings),
    );
    if (!host) {
      open = [...open.slice(1 - LOOK_BACK), step];
      continue;
    }
    host.loops.push(...step.loops);
    host.length += step.length;
    for (const key of step.keys) if (!host.keys.includes(key)) host.keys.push(key);
    host.members.push(...step.members);
    flow.merge([host, step], host);
    kept.delete(step);
  }
  return flow.sorted([...kept]).map(({ loops }) => loops);
}

/** Too little work for a dispatch of its own to matter. */
const isSmall = (loop: Part) => !isCall(loop) && !loop.product && loop.rows * loop.cols <= 65_536;
