import { isFloat } from "../base/dtype.ts";
import { GradientError } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import { apply, scalar } from "../graph/build.ts";
import type { Cut } from "../graph/cut.ts";
import type { Derivative, Rules } from "../graph/op.ts";
import { definitionOf, describe, type Definition, type Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { broadcastTo } from "../ops/broadcast.ts";
import { derived } from "./gradients.ts";
import { timesPartial } from "./pull-back.ts";

/** A tangent: a tensor, or null for zeros that need no tensor. */
export type Tangent = Tensor | null;

/** How a node changes with the seeds; sets of seeds are bits of a number. */
export interface Change {
  tangent: Tangent;
  /** The seeds from which a derivative reached the node. */
  reached: bigint;
  /** The seeds that the node depends on, even through ops without a derivative. */
  depends: bigint;
}

/** What a walk forward found. */
export interface PushedForward {
  /** For each node that depends on a seed. */
  changes: ReadonlyMap<Tensor, Change>;
  /** Ops that let no derivative through, in order, and the seeds from which one came so far. */
  stops: readonly { op: string; seeds: bigint }[];
}

/**
 * Walks the graph from the seeds to `roots` and hands tangents on by the rule of each op. What lies below a leaf is not
 * looked at.
 */
export function pushForward(
  roots: readonly Tensor[],
  seeds: ReadonlyMap<Tensor, Change>,
  isLeaf: (node: Tensor) => boolean,
): PushedForward {
  const madeOf = (node: Tensor) => (seeds.has(node) || isLeaf(node) ? null : definitionOf(node));
  const changes = new Map(seeds);
  const stops: { op: string; seeds: bigint }[] = [];
  for (const node of nodesAbove(roots, madeOf)) {
    const made = madeOf(node);
    if (node.cut && !isLeaf(node)) refuseCut(node, node.cut);
    const inputs = made?.inputs.map((x) => changes.get(x));
    if (!made || !inputs?.some((change) => change)) continue;
    const reaching = inputs.map((change) => (change?.reached ? change : undefined));
    const { tangent, through } = pushThrough(node, made, reaching);
    const change: Change = { tangent, reached: 0n, depends: 0n };
    inputs.forEach((input, i) => {
      if (!input) return;
      change.depends |= input.depends;
      if (through[i]) change.reached |= input.reached;
      else if (input.reached) stops.push({ op: made.op.name, seeds: input.reached });
    });
    // The derivative of a gradient is 0 where it depends on x through comparisons alone.
    if (derived.has(node)) change.depends = change.reached;
    changes.set(node, change);
  }
  return { changes, stops };
}

function refuseCut(node: Tensor, { why }: Cut): never {
  throw new GradientError(`jvp: the result depends on ${describe(node)}, which ${why}`);
}

/** All nodes that lead to `roots`, inputs before users. */
function nodesAbove(
  roots: readonly Tensor[],
  madeOf: (node: Tensor) => Definition | null,
): Tensor[] {
  const seen = new Set<Tensor>();
  const pending = [...roots];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of madeOf(node)?.inputs ?? []) if (!seen.has(input)) pending.push(input);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** What an op makes of its inputs' changes: dy, and from which inputs derivatives pass. */
interface Passed {
  tangent: Tangent;
  through: boolean[];
}

function pushThrough(
  node: Tensor,
  made: Definition,
  changes: readonly (Change | undefined)[],
): Passed {
  const { derivative }: Rules = made.op;
  const { inputs } = made;
  if (!changes.some((change) => change)) return { tangent: null, through: inputs.map(() => false) };
  const tangents = changes.map((change) => change?.tangent ?? null);
  const moves = tangents.some((dx) => dx);
  const floats = inputs.map((x) => isFloat(x.dtype));
  switch (derivative.kind) {
    case "partials": {
      const partials = derivative.partials(inputs, node, made.attrs);
      // dy = Σᵢ ∂y/∂xᵢ · dxᵢ
      const terms = tangents.map((dx, i) => (dx && timesPartial(dx, partials[i])) ?? null);
      return {
        tangent: stretch(total(terms), node),
        through: floats.map((float, i) => float && partials[i] !== null),
      };
    }
    case "linear":
      return { tangent: moves ? linearPart(derivative, made, tangents) : null, through: floats };
    case "multilinear": {
      const terms = tangents.map((dx, i) => dx && apply(made.op, inputs.with(i, dx), made.attrs));
      return { tangent: total(terms), through: floats };
    }
    case "composite":
      return pushThroughParts(derivative.decompose(inputs, made.attrs), inputs, changes);
    case "differential": {
      const { attrs } = made;
      const dy = moves ? derivative.differential(tangents, inputs, node, attrs) : null;
      return { tangent: dy, through: floats };
    }
    case "none":
      return { tangent: null, through: inputs.map(() => false) };
  }
}

/** op(dx₁, …, dxₙ), with zeros for floats that don't change. */
function linearPart(
  { linearPart }: Extract<Derivative<object>, { kind: "linear" }>,
  { op, inputs, attrs }: Definition,
  tangents: readonly Tangent[],
): Tensor {
  const operands = inputs.map((x, i) => (isFloat(x.dtype) ? (tangents[i] ?? zerosLike(x)) : x));
  return apply(op, operands, linearPart?.(attrs) ?? attrs);
}

/** Through the ops that an op is made of, each of whose inputs is a seed. */
function pushThroughParts(
  y: Tensor,
  inputs: readonly Tensor[],
  changes: readonly (Change | undefined)[],
): Passed {
  const seeds = new Map<Tensor, Change>();
  inputs.forEach((x, i) => {
    const { tangent } = changes[i] ?? {};
    if (tangent === undefined) return;
    const bits = (seeds.get(x)?.reached ?? 0n) | (1n << BigInt(i));
    seeds.set(x, { tangent, reached: bits, depends: bits });
  });
  const given = new Set(inputs);
  const { changes: found } = pushForward([y], seeds, (node) => given.has(node));
  const { tangent, reached } = found.get(y) ?? { tangent: null, reached: 0n };
  return { tangent, through: inputs.map((_, i) => (reached & (1n << BigInt(i))) !== 0n) };
}

const total = (terms: readonly Tangent[]): Tangent =>
  terms.reduce((sum, term) => (sum && term ? add(sum, term) : (sum ?? term)), null);

/** A tangent in the shape of its primal, which broadcasting gave it. */
const stretch = (dy: Tangent, { shape }: Tensor): Tangent =>
  dy && !sameShape(dy.shape, shape) ? broadcastTo(dy, shape) : dy;

/** Zeros of a tensor's shape and dtype. */
export const zerosLike = ({ shape, dtype }: Tensor): Tensor => broadcastTo(scalar(0, dtype), shape);
