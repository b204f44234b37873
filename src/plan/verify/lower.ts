import { show } from "../../base/shape.ts";
import type { Spec } from "../../graph/op.ts";
import { rulesOf } from "../../graph/rules.ts";
import { topologicalOrder, type Tensor } from "../../graph/tensor.ts";
import type { Passes } from "../passes.ts";
import { fail } from "./fail.ts";

/** No composites are left but those with kernels of their own; inputs come before what reads them; shapes and dtypes are those that `infer` gives. */
export function verifyLowered({ program, lowered }: Passes["lower"]): void {
  const { outputs, effects, kernels, origin } = lowered;
  const roots = [...outputs, ...effects.map((e) => e.value)];
  for (const x of topologicalOrder(roots)) {
    if (x.application) verifyNode(x, kernels);
    const user = origin.get(x);
    if (user) checkSpec(x, user, "the node that it computes");
  }
  program.outputs.forEach((y, i) => checkSpec(outputs[i], y, `output ${i}`));
  program.effects.forEach(({ variable, value }, i) => {
    if (effects[i]?.variable !== variable) fail(`${String(variable)} is not assigned`);
    checkSpec(effects[i].value, value, `what ${String(variable)} is assigned`);
  });
}

function verifyNode(x: Tensor, kernels: Passes["lower"]["lowered"]["kernels"]): void {
  const { op, inputs, attrs, bodies, results } = x.application!;
  if (op.kind === "composite" && !kernels.has(x.application!)) fail(`${String(x)} is composite`);
  const late = inputs.find((input) => input.id >= x.id);
  if (late) fail(`${String(x)} comes before its input ${String(late)}`);
  const spec = rulesOf(op).infer(inputs, attrs, bodies)[results.indexOf(x)];
  checkSpec(x, spec, "what infer says");
}

function checkSpec(x: Tensor, { shape, dtype }: Spec, what: string): void {
  if (x.dtype === dtype && show(x.shape) === show(shape)) return;
  fail(`${String(x)} is not of the shape and dtype of ${what}: ${dtype} ${show(shape)}`);
}
