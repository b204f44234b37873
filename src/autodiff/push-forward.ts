import { isFloat } from "../base/dtype.ts";
import { GradientError } from "../base/errors.ts";
import { sameShape } from "../base/shape.ts";
import type { Application } from "../graph/application.ts";
import { applyAll, placeholder, scalar } from "../graph/build.ts";
import type { Cut } from "../graph/cut.ts";
import type { Derivative } from "../graph/op.ts";
import { rulesOf } from "../graph/rules.ts";
import { describe, lineageOf, type Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { broadcastTo } from "../ops/broadcast.ts";
import { derived } from "./gradients.ts";
import { pullBack, resultsOf, rootsOf, timesPartial } from "./pull-back.ts";

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
  const madeOf = (node: Tensor) => (seeds.has(node) || isLeaf(node) ? null : node.made);
  const changes = new Map(seeds);
  const stops: { op: string; seeds: bigint }[] = [];
  const done = new Set<Application>();
  for (const node of nodesAbove(roots, madeOf)) {
    if (node.cut && !isLeaf(node)) refuseCut(node, node.cut);
    const made = madeOf(node);
    if (!made || done.has(made)) continue;
    done.add(made);
    const inputs = made.inputs.map((x) => changes.get(x));
    if (!inputs.some((change) => change)) continue;
    const reaching = inputs.map((change) => (change?.reached ? change : undefined));
    const passed = pushThrough(made, reaching);
    made.results.forEach((y, k) => {
      if (madeOf(y) !== made) return;
      const { tangent, through, stopOf } = passed[k];
      const change: Change = { tangent, reached: 0n, depends: 0n };
      inputs.forEach((input, i) => {
        if (!input) return;
        change.depends |= input.depends;
        if (through[i]) change.reached |= input.reached;
        else if (input.reached) {
          stops.push({ op: stopOf?.(i) ?? made.op.name, seeds: input.reached });
        }
      });
      // The derivative of a gradient is 0 where it depends on x through comparisons alone.
      if (derived.has(y)) change.depends = change.reached;
      changes.set(y, change);
    });
  }
  return { changes, stops };
}

function refuseCut(node: Tensor, { why }: Cut): never {
  throw new GradientError(`jvp: the result depends on ${describe(node)}, which ${why}`);
}

/** All nodes that lead to `roots`, inputs before users. */
function nodesAbove(
  roots: readonly Tensor[],
  madeOf: (node: Tensor) => Application | null,
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

/** What an op makes of its inputs' changes, for one of its results: dy, and from which inputs derivatives pass. */
interface Passed {
  tangent: Tangent;
  through: readonly boolean[];
  /** The op within that let no derivative from an input through. */
  stopOf?(input: number): string | undefined;
}

function pushThrough(
  made: Application,
  changes: readonly (Change | undefined)[],
): readonly Passed[] {
  const { op, inputs, attrs, bodies, results } = made;
  const { derivative } = rulesOf(op);
  const nothing = inputs.map(() => false);
  if (derivative.kind === "none" || !changes.some((change) => change)) {
    return results.map(() => ({ tangent: null, through: nothing }));
  }
  if (derivative.kind === "composite") {
    return pushThroughParts(derivative.decompose(inputs, attrs, bodies), inputs, changes);
  }
  const tangents = changes.map((change) => change?.tangent ?? null);
  const floats = inputs.map((x) => isFloat(x.dtype));
  if (derivative.kind === "partials") {
    const partials = derivative.partials(inputs, results, attrs);
    // dy = Σᵢ ∂y/∂xᵢ · dxᵢ
    const terms = tangents.map((dx, i) => (dx && timesPartial(dx, partials[i])) ?? null);
    const through = floats.map((float, i) => float && partials[i] !== null);
    return [{ tangent: stretch(total(terms), results[0]), through }];
  }
  const moves = tangents.some((dx) => dx);
  const dys = moves ? tangentsOfResults(derivative, made, tangents) : [];
  return results.map((y, k) => ({
    tangent: dys[k] ?? null,
    through: isFloat(y.dtype) ? floats : nothing,
  }));
}

type OfKind<K> = Extract<Derivative<object, "several">, { kind: K }>;

/** The tangents of the results of an op, some of whose inputs change. */
function tangentsOfResults(
  derivative: OfKind<"linear" | "multilinear" | "differential" | "pullback">,
  made: Application,
  tangents: readonly Tangent[],
): readonly Tangent[] {
  const { op, inputs, attrs, results } = made;
  switch (derivative.kind) {
    case "linear":
      return linearPart(derivative, made, tangents);
    case "multilinear": {
      const terms = tangents.map((dx, i) => dx && applyAll(op, inputs.with(i, dx), attrs));
      return results.map((_, k) => total(terms.map((ys) => ys && ys[k])));
    }
    case "differential":
      return derivative.differential(tangents, inputs, resultsOf(made), attrs);
    case "pullback":
      return transposed(derivative, made, tangents);
  }
}

/** op(dx₁, …, dxₙ), with zeros for floats that don't change. */
function linearPart(
  { linearPart }: OfKind<"linear">,
  { op, inputs, attrs }: Application,
  tangents: readonly Tangent[],
): readonly Tensor[] {
  const operands = inputs.map((x, i) => (isFloat(x.dtype) ? (tangents[i] ?? zerosLike(x)) : x));
  return applyAll(op, operands, linearPart?.(attrs) ?? attrs);
}

/** The adjoint of the linear map from cotangents of the results to cotangents of the inputs: dy = Pᵀ dx. */
function transposed(
  { pull }: OfKind<"pullback">,
  { op, inputs, attrs, bodies, results }: Application,
  tangents: readonly Tangent[],
): readonly Tangent[] {
  const gs = results.map((y) => placeholder(y));
  const pulled = pull(gs, inputs, attrs, bodies);
  const roots = rootsOf(pulled, tangents);
  const leaves = new Set([...gs, ...inputs, ...results, ...tangents.filter((dx) => dx !== null)]);
  const { cotangents } = pullBack(roots, gs, leaves);
  const reads = (nodes: readonly Tensor[], g: Tensor) => lineageOf(nodes, leaves).includes(g);
  return gs.map((g) => {
    const dy = cotangents.get(g) ?? null;
    const from = roots.map(([x]) => x);
    // What is piecewise constant in g has derivatives, which are zeros, but is not linear either.
    if (dy ? gs.some((other) => reads([dy], other)) : reads(from, g)) {
      throw new GradientError(
        `jvp: the gradient that ${op.name} was given is not linear in g, so there is no forward mode through it; use reverse mode`,
      );
    }
    return dy;
  });
}

/** Through the ops that an op is made of, each of whose inputs is a seed. */
function pushThroughParts(
  parts: readonly Tensor[],
  inputs: readonly Tensor[],
  changes: readonly (Change | undefined)[],
): readonly Passed[] {
  const seeds = new Map<Tensor, Change>();
  inputs.forEach((x, i) => {
    const { tangent } = changes[i] ?? {};
    if (tangent === undefined) return;
    const bits = (seeds.get(x)?.reached ?? 0n) | (1n << BigInt(i));
    seeds.set(x, { tangent, reached: bits, depends: bits });
  });
  const given = new Set(inputs);
  const { changes: found, stops } = pushForward(parts, seeds, (node) => given.has(node));
  const has = (bits: bigint, i: number) => (bits & (1n << BigInt(i))) !== 0n;
  return parts.map((y) => {
    const { tangent, reached } = found.get(y) ?? { tangent: null, reached: 0n };
    return {
      tangent,
      through: inputs.map((_, i) => has(reached, i)),
      stopOf: (i) => stops.findLast((stop) => has(stop.seeds, i))?.op,
    };
  });
}

const total = (terms: readonly Tangent[]): Tangent =>
  terms.reduce((sum, term) => (sum && term ? add(sum, term) : (sum ?? term)), null);

/** A tangent in the shape of its primal, which broadcasting gave it. */
const stretch = (dy: Tangent, { shape }: Tensor): Tangent =>
  dy && !sameShape(dy.shape, shape) ? broadcastTo(dy, shape) : dy;

/** Zeros of a tensor's shape and dtype. */
export const zerosLike = ({ shape, dtype }: Tensor): Tensor => broadcastTo(scalar(0, dtype), shape);
