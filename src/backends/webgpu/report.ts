import { sizeInBytes } from "../../base/dtype.ts";
import type { Dispatch, Plan } from "../../graph/backend.ts";
import { outlineOf } from "../../graph/outline.ts";
import type { Program } from "../../graph/program.ts";
import { tensorsRead, tensorsWritten, type Nest } from "../../plan/nest.ts";
import type { KernelPlan } from "../../plan/plan.ts";
import type { Scalar } from "../../plan/expression.ts";
import type { Kernel } from "./kernels/kernel.ts";
import { problemOf } from "./kernels/product-kernel.ts";

/** What a prepared program is made of, for people and tools. */
export function reportPlan(program: Program, layout: KernelPlan, kernels: readonly Kernel[]): Plan {
  return {
    ...outlineOf([...program.outputs, ...program.effects.map((e) => e.value)]),
    dispatches: layout.steps.map((loops, i) => dispatchOf(loops, kernels[i])),
    memory: layout.memory.used,
  };
}

function dispatchOf(loops: readonly Nest[], { name, ops, wgsl }: Kernel): Dispatch {
  const written = [...new Set(loops.flatMap(tensorsWritten))];
  const touched = [...new Set(loops.flatMap(tensorsRead)), ...written];
  return {
    kernel: name,
    ops,
    wgsl,
    shapes: written.map((x) => x.shape),
    flops: loops.reduce((sum, loop) => sum + flopsOf(loop), 0),
    bytes: touched.reduce((sum, x) => sum + sizeInBytes(x), 0),
  };
}

/** One for each elementwise op and element, one for each element folded, two for each term of a product. */
function flopsOf(loop: Nest): number {
  const { rows, cols, values, product } = loop;
  const counted = new Set<Scalar>();
  const opsIn = (x: Scalar): number => {
    if (counted.has(x)) return 0;
    counted.add(x);
    if (x.kind === "map") return 1 + x.args.reduce((sum, arg) => sum + opsIn(arg), 0);
    if (x.kind === "pieces") {
      return [...x.pieces.map((p) => p.value), x.otherwise].reduce((sum, v) => sum + opsIn(v), 0);
    }
    return 0;
  };
  const own = values.reduce(
    (sum, v) =>
      sum +
      (opsIn(v.element) + Number(v.fold)) * (v.fold || v.level === "column" ? rows * cols : rows),
    0,
  );
  return own + (product ? 2 * product.tensor.size * problemOf(product).k : 0);
}
