import { isFloat } from "../base/dtype.ts";
import { placeholder } from "../graph/build.ts";
import type { Derivative, Rules } from "../graph/op.ts";
import { derivationOf, lineageOf, type Definition, type Tensor } from "../graph/tensor.ts";
import { add, mul, neg } from "../ops/arithmetic.ts";
import { sumTo } from "../ops/broadcast.ts";

/** A cotangent: a tensor, or null for zeros that need no tensor. */
export type Cotangent = Tensor | null;

/** An op through which no derivative passed, and the input that it would have had to reach. */
export interface Blocker {
  op: string;
  input: Tensor;
}

/** What a walk back from `root` found. */
export interface PulledBack {
  /** For each node that a derivative reached. */
  cotangents: Map<Tensor, Cotangent>;
  blockers: Blocker[];
}

/**
 * Walks the graph from `root` back to `targets` and hands the cotangent of each node on to its inputs, adding up where
 * a node is used more than once. `stops` are taken as leaves.
 */
export function pullBack(
  root: Tensor,
  targets: readonly Tensor[],
  cotangent: Tensor,
  stops: ReadonlySet<Tensor> = new Set(),
): PulledBack {
  const order = lineageOf([root], stops);
  const active = dependents(order, targets, stops);
  const cotangents = new Map<Tensor, Cotangent>([[root, cotangent]]);
  const blockers: Blocker[] = [];
  for (const node of order.reverse()) {
    const g = cotangents.get(node);
    const made = derivationOf(node);
    if (g === undefined || !made || stops.has(node)) continue;
    const reached = made.inputs.map((x) => active.has(x));
    if (!reached.includes(true)) continue;
    const pulled = cotangentsOfInputs(node, made, g, reached);
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

/** The cotangents of a node's inputs; undefined for those through which no derivative passes. */
function cotangentsOfInputs(
  node: Tensor,
  made: Definition,
  g: Cotangent,
  reached: readonly boolean[],
): (Cotangent | undefined)[] {
  const { derivative }: Rules = made.op;
  const through = reached.map(
    (r, i) => r && derivative.kind !== "none" && isFloat(made.inputs[i].dtype),
  );
  if (g === null) return through.map((t) => (t ? null : undefined));
  const pulled = applyRule(derivative, node, made, g, through);
  return pulled.map((c, i) => {
    if (!through[i]) return undefined;
    return c && made.op.kind === "map" ? sumTo(c, made.inputs[i].shape) : c;
  });
}

function applyRule(
  derivative: Derivative<object>,
  node: Tensor,
  { inputs, attrs }: Definition,
  g: Tensor,
  through: readonly boolean[],
): (Cotangent | undefined)[] {
  switch (derivative.kind) {
    case "partials":
      return derivative
        .partials(inputs, node, attrs)
        .map((d, i) => (through[i] ? timesPartial(g, d) : undefined));
    case "linear":
    case "multilinear":
      return derivative.transpose(g, inputs, attrs).map((c) => c ?? undefined);
    case "composite": {
      const y = derivative.decompose(inputs, attrs);
      const targets = inputs.filter((_, i) => through[i]);
      const { cotangents } = pullBack(y, targets, g, new Set(inputs));
      return inputs.map((x) => cotangents.get(x));
    }
    case "differential": {
      const tangents = inputs.map((x, i) => (through[i] ? placeholder(x) : null));
      const targets = tangents.filter((t) => t !== null);
      const dy = derivative.differential(tangents, inputs, node, attrs);
      const { cotangents } = pullBack(dy, targets, g, new Set([...targets, ...inputs, node]));
      return tangents.map((t) => (t ? cotangents.get(t) : undefined));
    }
    case "none":
      return inputs.map(() => undefined);
  }
}

/** g · ∂y/∂x, or dx · ∂y/∂x, with nothing computed where the partial derivative is 0, 1 or −1. */
export function timesPartial(
  g: Tensor,
  partial: Tensor | number | null,
): Tensor | null | undefined {
  if (partial === null) return undefined;
  if (typeof partial !== "number") return mul(g, partial);
  if (partial === 0) return null;
  if (partial === 1) return g;
  return partial === -1 ? neg(g) : mul(g, partial);
}
