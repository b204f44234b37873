import { sizeInBytes } from "../../base/dtype.ts";
import type { Dispatch, Plan } from "../../graph/backend.ts";
import { outlineOf } from "../../graph/outline.ts";
import type { Program } from "../../graph/program.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { isAccumulated, isCall, tensorsRead, tensorsWritten, type Part } from "../../plan/nest.ts";
import type { KernelPlan } from "../../plan/plan.ts";
import { partsOf, type Scalar } from "../../graph/scalar.ts";
import { withFunctions } from "./kernels/functions.ts";
import type { StepKernel } from "./kernels/plan-kernels.ts";
import { problemOf } from "./kernels/product-kernel.ts";

/** What a prepared program is made of, for people and tools. */
export function reportPlan(
  program: Program,
  layout: KernelPlan,
  kernels: readonly StepKernel[],
): Plan {
  return {
    ...outlineOf([...program.outputs, ...program.effects.map((e) => e.value)]),
    dispatches: kernels.map((kernel) => dispatchOf(layout.steps[kernel.step], kernel)),
    memory: kernels.map(({ step }) => layout.memory.used[step]),
  };
}

function dispatchOf(parts: readonly Part[], { name, ops, wgsl, slots }: StepKernel): Dispatch {
  // A stage of a call touches what it binds.
  const isTouched = (x: Tensor) => slots.some(({ tensor }) => tensor === x);
  const touched = (by: (part: Part) => readonly Tensor[]) => [
    ...new Set(parts.flatMap((p) => (isCall(p) ? by(p).filter(isTouched) : by(p)))),
  ];
  const written = touched(tensorsWritten);
  return {
    kernel: name,
    ops,
    // Some functions may still be on their way.
    get wgsl() {
      return withFunctions(wgsl);
    },
    shapes: written.map((x) => x.shape),
    flops: parts.reduce((sum, part) => sum + flopsOf(part), 0),
    bytes: [...touched(tensorsRead), ...written].reduce((sum, x) => sum + sizeInBytes(x), 0),
  };
}

/**
 * One for each function and element, one for each element folded, two for each term of a product; one for each
 * element of what a call is given and makes.
 */
function flopsOf(part: Part): number {
  if (isCall(part)) {
    const { inputs, results } = part.application;
    return [...inputs, ...results].reduce((sum, x) => sum + x.size, 0);
  }
  const { rows, cols, values, product } = part;
  const counted = new Set<Scalar>();
  const opsIn = (x: Scalar): number => {
    if (counted.has(x)) return 0;
    counted.add(x);
    return partsOf(x).reduce((sum, part) => sum + opsIn(part), Number(x.kind === "apply"));
  };
  const own = values.reduce(
    (sum, v) =>
      sum +
      (v.parts.reduce((n, part) => n + opsIn(part), 0) + Number(isAccumulated(v))) *
        (isAccumulated(v) || v.level === "column" ? rows * cols : rows),
    0,
  );
  return own + (product ? 2 * product.tensor.size * problemOf(product).k : 0);
}
