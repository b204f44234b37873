import { isCall, tensorsRead, tensorsWritten } from "../nest.ts";
import type { Passes } from "../passes.ts";
import { bindingKey } from "../plan.ts";
import { fail } from "./fail.ts";
import { verifyOrder } from "./order.ts";

/** Steps hold the parts that there were, in order, and calls by themselves; those of one are independent, and bind what a device allows. */
export function verifySteps({ parts, inPlace, buffers, steps, bindings }: Passes["merge"]): void {
  const all = steps.flat();
  const known = new Set(parts);
  if (all.length !== parts.length || !all.every((part) => known.has(part))) {
    fail(`${parts.length} parts have become ${all.length}`);
  }
  verifyOrder(steps, inPlace, buffers);
  const keyOf = (x: Parameters<typeof bindingKey>[0]) => bindingKey(x, inPlace, buffers);
  steps.forEach((own, step) => {
    if (own.length > 1 && own.some(isCall)) fail(`a call shares step ${step}`);
    const written = own.map((part) => new Set(tensorsWritten(part)));
    own.forEach((part, i) => {
      const other = written.findIndex(
        (some, j) => j !== i && tensorsRead(part).some((x) => some.has(x)),
      );
      if (other >= 0) fail(`in step ${step}, part ${i} waits for part ${other}`);
    });
    const tensors = own.flatMap((part) => [...tensorsRead(part), ...tensorsWritten(part)]);
    const keys = new Set(tensors.map(keyOf));
    if (keys.size > bindings)
      fail(`step ${step} binds ${keys.size} buffers of at most ${bindings}`);
    for (const member of tensors.flatMap((x) => buffers.get(x)?.members ?? [])) {
      if (keys.has(keyOf(member))) {
        fail(`step ${step} binds ${String(member)} by itself and in a packed buffer`);
      }
    }
  });
}
