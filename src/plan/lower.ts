import { getOrMake } from "../base/maps.ts";
import { MAX_RANK } from "../base/shape.ts";
import type { Application } from "../graph/application.ts";
import { applicationText, textKey } from "../graph/canonical.ts";
import type { OpKernel, Target } from "../graph/offered-kernel.ts";
import type { ReduceAttrs } from "../graph/op.ts";
import type { Program } from "../graph/program.ts";
import { rulesOf } from "../graph/rules.ts";
import { lineageOf, topologicalOrder, type Tensor } from "../graph/tensor.ts";
import { withTrace, type Trace } from "../graph/trace.ts";

/**
 * A program of primitive ops alone - elementwise, reductions, movement, contractions and counters - and of composites
 * that are kept whole.
 */
export interface Lowered {
  outputs: readonly Tensor[];
  effects: Program["effects"];
  /** The kernels of the composites that are kept whole. */
  kernels: ReadonlyMap<Application, OpKernel>;
  /** The node of the user's graph that a node of this one computes. */
  origin: ReadonlyMap<Tensor, Tensor>;
  /** The node of this one that computes a node of the user's graph. */
  lowered: ReadonlyMap<Tensor, Tensor>;
}

/** Takes composite ops apart that have no kernel on the target, and computes once what is computed alike. */
export function lower(program: Program, target?: Target): Lowered {
  const roots = [...program.outputs, ...program.effects.map((e) => e.value)];
  const replaced = new Map<Tensor, Tensor>();
  const kernels = new Map<Application, OpKernel>();
  const known = new Map<string, Tensor>();
  const origin = new Map<Tensor, Tensor>();

  const replace = (node: Tensor): Tensor => {
    const { application } = node;
    if (!application) return getOrMake(known, sourceKey(node), () => node);
    const inputs = application.inputs.map((x) => replaced.get(x)!);
    const part = partsOf(application, inputs)[application.results.indexOf(node)];
    return replaced.get(part) ?? expand(part, new Set(inputs));
  };
  /** What the results of an application are made of. */
  const made = new Map<string, readonly Tensor[]>();
  const partsOf = (application: Application, inputs: readonly Tensor[]): readonly Tensor[] => {
    const { results } = application;
    const text = applicationText(
      application,
      inputs.map((x) => x.id),
    );
    const key = `${text}${results.map((y) => `${y.dtype}[${y.shape}]`)}`;
    return getOrMake(made, key, () => taken(application, inputs));
  };
  const taken = (application: Application, inputs: readonly Tensor[]): readonly Tensor[] => {
    const { op, attrs, bodies } = application;
    const kernel = target && kernelFor(application, target);
    if (op.kind === "composite" && !kernel) return rulesOf(op).decompose!(inputs, attrs, bodies);
    const blocks = target ? blocksOf(application, target) : 1;
    if (op.kind === "reduce" && blocks > 1)
      return [op.split(inputs[0], attrs as ReduceAttrs, blocks)];
    const same = application.to(inputs);
    for (const y of same.results) replaced.set(y, y);
    if (kernel) kernels.set(same, kernel);
    return same.results;
  };
  /** The nodes of a decomposition, which start from nodes that are lowered already. */
  const expand = (root: Tensor, lowered: ReadonlySet<Tensor>): Tensor => {
    for (const x of lowered) replaced.set(x, x);
    for (const node of lineageOf([root], lowered)) {
      if (!replaced.has(node)) replaced.set(node, replace(node));
    }
    return replaced.get(root)!;
  };

  const order = topologicalOrder(roots);
  withTrace(traceOf(order), () => {
    for (const node of order) {
      const lowered = replaced.get(node) ?? replace(node);
      replaced.set(node, lowered);
      if (!origin.has(lowered)) origin.set(lowered, node);
    }
  });
  return {
    outputs: program.outputs.map((x) => replaced.get(x)!),
    effects: program.effects.map(({ variable, value }) => ({
      variable,
      value: replaced.get(value)!,
    })),
    kernels,
    origin,
    lowered: replaced,
  };
}

/** The kernel that an application has on a target: none where there is nothing to compute, or more to bind than may be. */
function kernelFor({ op, inputs, attrs, results }: Application, target: Target): OpKernel | null {
  if (op.kind !== "composite" || !op.kernel) return null;
  if ([...inputs, ...results].some((x) => x.size === 0)) return null;
  const kernel = op.kernel(inputs, attrs, results, target);
  const scratch = Object.keys(kernel?.scratch ?? {});
  return inputs.length + results.length + scratch.length <= target.bindings ? kernel : null;
}

/** How many blocks the rows of a reduction are cut into on a target: one where they are many or short. */
function blocksOf({ op, inputs: [x], results: [y] }: Application, { longRows }: Target): number {
  if (op.kind !== "reduce" || y.size === 0 || y.size >= longRows.rows) return 1;
  // Blocks are an axis of their own.
  if (x.rank === MAX_RANK) return 1;
  const length = x.size / y.size;
  if (length < longRows.shortest) return 1;
  return Math.floor(Math.min(longRows.blocks / y.size, length / longRows.shortestBlock));
}

/** The trace that a graph was made in, in which nodes can be added to it; null for one made outside of traces. */
export const traceOf = (nodes: readonly Tensor[]): Trace | null =>
  (nodes.find((x) => x.trace)?.trace ?? null) as Trace | null;

/** Equal for sources that stand for the same value. */
function sourceKey({ id, source, dtype, shape, size }: Tensor): string {
  if (source?.kind === "variable") return `v${source.variable.id}`;
  if (source?.kind === "constant" && size === 1) {
    return `${textKey(source.data[0])} ${dtype}[${shape}]`;
  }
  return `#${id}`;
}
