import type { Application } from "../graph/application.ts";
import { applicationText, textKey } from "../graph/canonical.ts";
import type { Program } from "../graph/program.ts";
import { rulesOf } from "../graph/rules.ts";
import { lineageOf, topologicalOrder, type Tensor } from "../graph/tensor.ts";
import { withTrace, type Trace } from "../graph/trace.ts";

/** A program of primitive ops alone: elementwise, reductions, movement, contractions and counters. */
export interface Lowered {
  outputs: readonly Tensor[];
  effects: Program["effects"];
  /** The node of the user's graph that a node of this one computes. */
  origin: ReadonlyMap<Tensor, Tensor>;
}

/** Takes composite ops apart and computes once what is computed alike. */
export function lower(program: Program): Lowered {
  const roots = [...program.outputs, ...program.effects.map((e) => e.value)];
  const replaced = new Map<Tensor, Tensor>();
  const known = new Map<string, Tensor>();
  const origin = new Map<Tensor, Tensor>();

  const replace = (node: Tensor): Tensor => {
    const { application } = node;
    if (!application) return shared(`source ${sourceKey(node)}`, () => node);
    const inputs = application.inputs.map((x) => replaced.get(x)!);
    if (application.op.kind === "composite") {
      const parts = partsOf(application, inputs);
      return expand(parts[application.results.indexOf(node)], new Set(inputs));
    }
    const text = applicationText(
      application,
      inputs.map((x) => x.id),
    );
    const key = `${text}${node.dtype}[${node.shape}]`;
    return shared(key, () => application.to(inputs).results[0]);
  };
  const decomposed = new Map<string, readonly Tensor[]>();
  const partsOf = (application: Application, inputs: readonly Tensor[]): readonly Tensor[] => {
    const { op, attrs, bodies } = application;
    const key = applicationText(
      application,
      inputs.map((x) => x.id),
    );
    const parts = decomposed.get(key) ?? rulesOf(op).decompose!(inputs, attrs, bodies);
    decomposed.set(key, parts);
    return parts;
  };
  const shared = (key: string, make: () => Tensor): Tensor => {
    const node = known.get(key) ?? make();
    known.set(key, node);
    return node;
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
    origin,
  };
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
