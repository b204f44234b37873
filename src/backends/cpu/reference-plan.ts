import { sizeInBytes } from "../../base/dtype.ts";
import type { Plan } from "../../graph/backend.ts";
import { outlineOf } from "../../graph/outline.ts";
import { topologicalOrder, type Tensor } from "../../graph/tensor.ts";

/** The reference carries a graph out op by op, as it stands. */
export function planOf(roots: readonly Tensor[]): Plan {
  const computed = topologicalOrder(roots).filter((x) => x.op !== null);
  const lastUse = new Map<Tensor, number>();
  computed.forEach((node, i) => node.inputs.forEach((x) => lastUse.set(x, i)));
  roots.forEach((x) => lastUse.set(x, computed.length));
  let alive = 0;
  const memory = computed.map((node, i) => {
    alive += sizeInBytes(node);
    const now = alive;
    for (const x of new Set(node.inputs)) if (lastUse.get(x) === i && x.op) alive -= sizeInBytes(x);
    return now;
  });
  return {
    ...outlineOf(roots),
    dispatches: computed.map((x) => ({
      kernel: x.op!.name,
      ops: [x.op!.name],
      wgsl: "",
      shapes: [x.shape],
      flops: flopsOf(x),
      bytes: [x, ...x.inputs].reduce((sum, y) => sum + sizeInBytes(y), 0),
    })),
    memory,
  };
}

/** One operation an element; twice the products for a contraction, one an element read for a reduction. */
export function flopsOf(x: Tensor): number {
  switch (x.op?.kind) {
    case "map":
    case "composite":
      return x.size;
    case "reduce":
      return x.inputs[0].size;
    case "contract": {
      const [a] = x.inputs;
      const { transposeA } = x.attrs as { transposeA: boolean };
      return 2 * x.size * (transposeA ? a.shape.at(-2)! : a.shape.at(-1)!);
    }
    default:
      return 0;
  }
}
