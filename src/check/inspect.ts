import { WebGpuBackend } from "../backends/webgpu/webgpu-backend.ts";
import { kernelsOf } from "../backends/webgpu/kernels/plan-kernels.ts";
import { checkInstance } from "../base/describe-value.ts";
import { mapTree } from "../base/tree.ts";
import { compile } from "../compile/compile.ts";
import { requireBackend, type Backend, type Plan } from "../graph/backend.ts";
import { withTensors } from "../graph/host-arrays.ts";
import { Tensor } from "../graph/tensor.ts";
import { watchPasses, type Passes } from "../plan/passes.ts";
import { inspectPlan } from "./inspect-plan.ts";
import type { Inspection } from "./inspection.ts";

/**
 * What becomes of a function of tensors on the device: the graph, the dispatch that each of its nodes went into, what each
 * dispatch binds, and where each value lies in memory. Of a compiled function it is what calls of it do.
 *
 *     const { nodes, dispatches, blocks } = await inspect(step, x, y);
 *
 * The function is traced, and not run.
 * @param f a function of tensors, compiled or not
 * @param args its arguments
 * @returns nodes, dispatches and blocks of memory
 */
export async function inspect<A extends unknown[]>(
  f: (...args: A) => unknown,
  ...args: A
): Promise<Inspection> {
  checkInstance("inspect", f, Function, "a function");
  const given = withTensors(f, args) as unknown[];
  const compiled = compile(f as (...args: unknown[]) => unknown);
  let planned: Passes["memory"] | undefined;
  const outer = watchPasses((pass, made) => {
    outer?.(pass, made);
    // What the arguments wait for is planned before.
    if (pass === "memory") planned = made as Passes["memory"];
  });
  let plan: Plan;
  try {
    plan = compiled.plan(...given);
  } finally {
    watchPasses(outer);
  }
  const backend = deviceOf(given);
  if (!planned || !(backend instanceof WebGpuBackend)) return inspectReference(plan);
  // Until then functions that few shaders call are missing in them.
  await compiled.ready(...given);
  const { program, plan: layout } = planned;
  const kernels = kernelsOf(layout, backend.session.tuning);
  return inspectPlan({ program, layout, kernels, plan });
}

function deviceOf(args: readonly unknown[]): Backend {
  let own: Backend | null = null;
  mapTree(args, (leaf) => {
    if (leaf instanceof Tensor) own ??= leaf.backend;
    return leaf;
  });
  return requireBackend(own);
}

/** On the reference each op is a dispatch of its own, and where values lie is up to JavaScript. */
function inspectReference({ nodes, edges, dispatches }: Plan): Inspection {
  const inputsOf = new Map<number, number[]>(nodes.map(({ id }) => [id, []]));
  for (const [from, to] of edges) inputsOf.get(to)!.push(from);
  const sources = new Set(["input", "variable", "constant", "stored"]);
  let dispatch = -1;
  let end = 0;
  return {
    nodes: nodes.map((node) => {
      const inputs = inputsOf.get(node.id)!;
      if (sources.has(node.op)) return { ...node, inputs, dispatch: "given", dispatches: [] };
      // The results of an op are numbered in a row.
      if (node.id >= end) end = node.id + dispatches[++dispatch].shapes.length;
      return { ...node, inputs, dispatch, dispatches: [dispatch] };
    }),
    dispatches: dispatches.map((d) => ({ ...d, workgroups: 0, bindings: [] })),
    blocks: [],
    temporaryBytes: 0,
    argumentBytes: 0,
  };
}
