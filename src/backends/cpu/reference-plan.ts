import { sizeInBytes } from "../../base/dtype.ts";
import type { Application } from "../../graph/application.ts";
import type { Plan } from "../../graph/backend.ts";
import { outlineOf } from "../../graph/outline.ts";
import { topologicalOrder, type Tensor } from "../../graph/tensor.ts";

const bytesOf = (tensors: readonly Tensor[]) => tensors.reduce((sum, x) => sum + sizeInBytes(x), 0);

/** The reference carries a graph out op by op, as it stands. */
export function planOf(roots: readonly Tensor[]): Plan {
  const order = topologicalOrder(roots);
  const applications = [...new Set(order.flatMap((x) => x.application ?? []))];
  const lastUse = new Map<Tensor, number>();
  applications.forEach(({ inputs }, i) => inputs.forEach((x) => lastUse.set(x, i)));
  roots.forEach((x) => lastUse.set(x, applications.length));
  const isUsed = (x: Tensor) => lastUse.has(x);
  let alive = 0;
  const memory = applications.map(({ inputs, results }, i) => {
    alive += bytesOf(results.filter(isUsed));
    const now = alive;
    const last = [...new Set(inputs)].filter((x) => lastUse.get(x) === i && x.op);
    alive -= bytesOf(last);
    return now;
  });
  return {
    ...outlineOf(roots),
    dispatches: applications.map((a) => ({
      kernel: a.op.name,
      ops: [a.op.name],
      wgsl: "",
      shapes: a.results.map((x) => x.shape),
      flops: flopsOf(a),
      bytes: bytesOf([...a.results, ...a.inputs]),
    })),
    memory,
  };
}

/** One operation an element; twice the products for a contraction, one an element read for a reduction. */
function flopsOf({ op, inputs, attrs, results }: Application): number {
  switch (op.kind) {
    case "map":
    case "scan":
    case "composite":
      return results[0].size;
    case "reduce":
      return inputs[0].size;
    case "contract": {
      const [{ shape }] = inputs;
      const { transposeA } = attrs as { transposeA: boolean };
      return 2 * results[0].size * (transposeA ? shape.at(-2)! : shape.at(-1)!);
    }
    default:
      return 0;
  }
}
