import { isFloat } from "../base/dtype.ts";
import type { Application } from "../graph/application.ts";
import { applyAll, placeholder } from "../graph/build.ts";
import type { Derivative } from "../graph/op.ts";
import { rulesOf } from "../graph/rules.ts";
import { derivationOf, lineageOf, type Tensor } from "../graph/tensor.ts";
import { add, mul, neg } from "../ops/arithmetic.ts";
import { sumTo } from "../ops/broadcast.ts";
import { where } from "../ops/compare.ts";

/** A cotangent: a tensor, or null for zeros that need no tensor. */
export type Cotangent = Tensor | null;

/** A node from which a walk back starts, and its cotangent. */
export type Root = readonly [y: Tensor, g: Cotangent];

/** An op through which no derivative passed, and the input that it would have had to reach. */
export interface Blocker {
  op: string;
  input: Tensor;
}

/** What a walk back found. */
export interface PulledBack {
  /** For each node that a derivative reached. */
  cotangents: Map<Tensor, Cotangent>;
  blockers: Blocker[];
}

/**
 * Walks the graph from `roots` back to `targets` and hands cotangents on to the inputs of each op, adding up where a
 * node is used more than once. `stops` are taken as leaves.
 */
export function pullBack(
  roots: readonly Root[],
  targets: readonly Tensor[],
  stops: ReadonlySet<Tensor> = new Set(),
): PulledBack {
  const order = lineageOf(
    roots.map(([y]) => y),
    stops,
  );
  const active = dependents(order, targets, stops);
  const cotangents = new Map<Tensor, Cotangent>();
  for (const [y, g] of roots) accumulate(cotangents, y, g);
  const blockers: Blocker[] = [];
  const done = new Set<Application>();
  for (const node of order.reverse()) {
    const made = derivationOf(node);
    if (!cotangents.has(node) || !made || stops.has(node) || done.has(made)) continue;
    // All that uses any result of an op was made after the last of them: their cotangents are complete.
    done.add(made);
    const reached = made.inputs.map((x) => active.has(x));
    if (!reached.includes(true)) continue;
    const isInner = (y: Tensor) => derivationOf(y) === made && !stops.has(y);
    const gs = made.results.map((y) => (isInner(y) && cotangents.get(y)) || null);
    const pulled = cotangentsOfInputs(made, gs, reached, blockers);
    made.inputs.forEach((x, i) => {
      if (!reached[i]) return;
      const c = pulled[i];
      if (c === undefined) blockers.push({ op: made.op.name, input: x });
      else accumulate(cotangents, x, c);
    });
  }
  return { cotangents, blockers };
}

/** The nodes that depend on a target, the targets included. */
function dependents(
  order: readonly Tensor[],
  targets: readonly Tensor[],
  stops: ReadonlySet<Tensor>,
): Set<Tensor> {
  const active = new Set(targets);
  for (const node of order) {
    if (stops.has(node)) continue;
    if (derivationOf(node)?.inputs.some((x) => active.has(x))) active.add(node);
  }
  return active;
}

function accumulate(cotangents: Map<Tensor, Cotangent>, x: Tensor, c: Cotangent): void {
  const sum = cotangents.get(x);
  cotangents.set(x, sum && c ? add(sum, c) : (c ?? sum ?? null));
}

/**
 * The cotangents of an op's inputs; undefined for those through which no derivative passes. `blockers` gets what was in
 * the way within the op.
 */
function cotangentsOfInputs(
  made: Application,
  gs: readonly Cotangent[],
  reached: readonly boolean[],
  blockers: Blocker[],
): (Cotangent | undefined)[] {
  const { op, inputs } = made;
  const { derivative } = rulesOf(op);
  const through = reached.map(
    (r, i) => r && derivative.kind !== "none" && isFloat(inputs[i].dtype),
  );
  if (gs.every((g) => g === null)) return through.map((t) => (t ? null : undefined));
  const pulled = applyRule(derivative, made, gs, through, blockers);
  return pulled.map((c, i) => {
    if (!through[i]) return undefined;
    return c && op.kind === "map" ? sumTo(c, inputs[i].shape) : c;
  });
}

/** The results of an op, for its rule: anew where one was disposed of, though others may still be differentiated. */
export function resultsOf({ op, inputs, attrs, bodies, results }: Application): readonly Tensor[] {
  if (results.length === 1 || !results.some((y) => y.disposed)) return results;
  return applyAll(op, inputs, attrs, bodies);
}

function applyRule(
  derivative: Derivative<object, "several">,
  made: Application,
  gs: readonly Cotangent[],
  through: readonly boolean[],
  blockers: Blocker[],
): readonly (Cotangent | undefined)[] {
  const { inputs, attrs, bodies } = made;
  switch (derivative.kind) {
    case "partials":
      return derivative
        .partials(inputs, made.results, attrs)
        .map((d, i) => (through[i] ? timesPartial(gs[0]!, d) : undefined));
    case "linear":
    case "multilinear":
      return derivative.transpose(gs, inputs, attrs).map((c) => c ?? undefined);
    case "composite": {
      const parts = derivative.decompose(inputs, attrs, bodies, gs);
      const targets = inputs.filter((_, i) => through[i]);
      const stops = new Set([...inputs, ...gs] as Tensor[]);
      const within = pullBack(rootsOf(parts, gs), targets, stops);
      blockers.push(...within.blockers);
      // An input that is given twice has one cotangent.
      return inputs.map((x, i) => (inputs.indexOf(x) < i ? null : within.cotangents.get(x)));
    }
    case "differential": {
      const tangents = inputs.map((x, i) => (through[i] ? placeholder(x) : null));
      const targets = tangents.filter((t) => t !== null);
      const results = resultsOf(made);
      const dys = derivative.differential(tangents, inputs, results, attrs);
      const stops = new Set([...targets, ...inputs, ...results]);
      const { cotangents } = pullBack(rootsOf(dys, gs), targets, stops);
      return tangents.map((t) => cotangents.get(t!));
    }
    case "pullback":
      return derivative.pull(gs, inputs, attrs, bodies);
    case "none":
      return [];
  }
}

/** Where a walk back starts that has these cotangents; null: zeros. */
export const rootsOf = (ys: readonly (Tensor | null)[], gs: readonly Cotangent[]): Root[] =>
  ys.flatMap((y, i): Root[] => {
    const g = gs[i];
    return y && g ? [[y, g]] : [];
  });

/** g · ∂y/∂x, or dx · ∂y/∂x, with nothing computed where the partial derivative is 0, 1 or −1. */
export function timesPartial(
  g: Tensor,
  partial: Tensor | number | null,
): Tensor | null | undefined {
  if (partial === null) return undefined;
  if (typeof partial !== "number") {
    return partial.dtype === "bool" ? where(partial, g, 0) : mul(g, partial);
  }
  if (partial === 0) return null;
  if (partial === 1) return g;
  return partial === -1 ? neg(g) : mul(g, partial);
}
