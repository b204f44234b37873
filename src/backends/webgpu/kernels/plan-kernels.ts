import type { Tensor } from "../../../graph/tensor.ts";
import { formOf } from "../../../plan/form.ts";
import { bindingKey, type KernelPlan } from "../../../plan/plan.ts";
import type { Access, Slot } from "./bindings.ts";
import { kernelOf, type Kernel, type Tuning } from "./kernel.ts";

/** The kernels of a plan, one for each step. Steps that differ in their tensors alone have one shader, made once. */
export function kernelsOf(
  { steps, inPlace, packed, memory }: KernelPlan,
  tuning: Tuning,
): Kernel[] {
  const keyOf = (x: Tensor) => bindingKey(x, inPlace, packed);
  const kindOf = (x: Tensor) => memory.places.get(x)?.kind ?? "";
  // One buffer may not be bound both to be read and to be written: then all of it is bound to be written.
  const access = (slots: readonly Slot[]): Access => {
    const written = new Set(slots.filter((s) => s.written).map((s) => kindOf(s.tensor)));
    return ({ tensor }) => (written.has(kindOf(tensor)) ? "read_write" : "read");
  };
  /** Kernels by form, and the number in the form of each slot's tensor. */
  const known = new Map<string, { kernel: Kernel; numbers: readonly number[] }>();
  return steps.map((loops) => {
    const { key, tensors } = formOf(loops, keyOf, kindOf);
    const made = known.get(key);
    if (made) {
      const { kernel, numbers } = made;
      const slots = kernel.slots.map((slot, i) => ({ ...slot, tensor: tensors[numbers[i]] }));
      return { ...kernel, slots };
    }
    const kernel = kernelOf(loops, tuning, keyOf, access);
    const numberOf = new Map(tensors.map((x, i) => [keyOf(x), i]));
    known.set(key, { kernel, numbers: kernel.slots.map((s) => numberOf.get(keyOf(s.tensor))!) });
    return kernel;
  });
}
