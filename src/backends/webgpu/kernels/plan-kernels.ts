import type { Tensor } from "../../../graph/tensor.ts";
import { bindingKey, type KernelPlan } from "../../../plan/plan.ts";
import type { Access, Slot } from "./bindings.ts";
import { kernelOf, type Kernel, type Tuning } from "./kernel.ts";

/** The kernels of a plan, one for each step. */
export function kernelsOf({ steps, inPlace, slabs, memory }: KernelPlan, tuning: Tuning): Kernel[] {
  const keyOf = (x: Tensor) => bindingKey(x, inPlace, slabs);
  const kindOf = ({ tensor }: Slot) => memory.places.get(tensor)?.kind;
  // One buffer may not be bound both to be read and to be written: then all of it is bound to be written.
  const access = (slots: readonly Slot[]): Access => {
    const written = new Set(slots.filter((s) => s.written).map(kindOf));
    return (slot) => (written.has(kindOf(slot)) ? "read_write" : "read");
  };
  return steps.map((loops) => kernelOf(loops, tuning, keyOf, access));
}
