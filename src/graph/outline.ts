import type { Plan } from "./backend.ts";
import { topologicalOrder, type Tensor } from "./tensor.ts";

/** The nodes of a graph and which feeds which, for people and tools. */
export function outlineOf(roots: readonly Tensor[]): Pick<Plan, "nodes" | "edges"> {
  const order = topologicalOrder(roots);
  return {
    nodes: order.map((x) => ({
      id: x.id,
      op: x.op?.name ?? x.source?.kind ?? "",
      shape: x.shape,
      dtype: x.dtype,
    })),
    edges: order.flatMap((x) => x.inputs.map((input) => [input.id, x.id] as const)),
  };
}
