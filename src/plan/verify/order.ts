import type { Tensor } from "../../graph/tensor.ts";
import type { Variable } from "../../graph/variable.ts";
import { tensorsRead, tensorsWritten, type Part } from "../nest.ts";
import type { PackedBuffer } from "../pack.ts";
import { fail } from "./fail.ts";

/**
 * Steps stand in an order in which they can run, the parts of one at the same time: what they read has been written
 * before, once, and a variable is overwritten after its old value was read.
 */
export function verifyOrder(
  steps: readonly (readonly Part[])[],
  inPlace: ReadonlyMap<Tensor, Variable>,
  buffers: ReadonlyMap<Tensor, PackedBuffer> = new Map(),
): void {
  const membersOf = (x: Tensor): readonly Tensor[] => buffers.get(x)?.members ?? [x];
  const made = new Map<Tensor, number>();
  const overwritten = new Map<Variable, Part>();
  steps.forEach((parts, step) => {
    for (const part of parts) {
      for (const x of tensorsRead(part).flatMap(membersOf)) {
        if (!x.source && x.size > 0 && !made.has(x))
          fail(`step ${step} reads ${String(x)} too early`);
        if (x.source?.kind !== "variable") continue;
        const writer = overwritten.get(x.source.variable);
        if (writer) fail(`step ${step} reads ${String(x)} after it was overwritten`);
      }
    }
    const before = new Map(overwritten);
    for (const part of parts) {
      for (const x of tensorsWritten(part).flatMap(membersOf)) {
        if (made.has(x)) fail(`step ${step} writes ${String(x)} again`);
        made.set(x, step);
        const variable = inPlace.get(x);
        if (!variable) continue;
        if (overwritten.has(variable)) fail(`step ${step} overwrites ${String(variable)} again`);
        overwritten.set(variable, part);
      }
    }
    // The parts of one step run at the same time.
    for (const part of parts) {
      for (const { source } of tensorsRead(part).flatMap(membersOf)) {
        if (source?.kind !== "variable" || before.has(source.variable)) continue;
        const writer = overwritten.get(source.variable);
        if (writer && writer !== part) {
          fail(`step ${step} reads ${String(source.variable)} while it is overwritten`);
        }
      }
    }
  });
}
