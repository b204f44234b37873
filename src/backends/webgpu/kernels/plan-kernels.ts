import type { Tensor } from "../../../graph/tensor.ts";
import { formOf } from "../../../plan/form.ts";
import { isCall, type Nest, type Part } from "../../../plan/nest.ts";
import { bindingKey, type KernelPlan } from "../../../plan/plan.ts";
import { BindingTable } from "./bindings.ts";
import { kernelOf, type Kernel } from "./kernel.ts";
import type { Tuning } from "./tuning.ts";

/** A kernel and the number of the step of the plan that it belongs to. */
export interface StepKernel extends Kernel {
  step: number;
}

/**
 * The kernels of a plan in order: one for each step, or for a call one for each of its stages. Steps that differ in their
 * tensors alone have one shader, made once. Each that is new is `written` at once.
 */
export function kernelsOf(
  { steps, inPlace, packed, memory }: KernelPlan,
  tuning: Tuning,
  written: (kernel: Kernel) => unknown = () => {},
): StepKernel[] {
  const keyOf = (x: Tensor) => bindingKey(x, inPlace, packed);
  const kindOf = (x: Tensor) => memory.places.get(x)?.kind ?? "";
  const newTable = () => new BindingTable(keyOf, kindOf);
  const write = (parts: readonly Part[]): Kernel[] => {
    const [first] = parts;
    if (isCall(first)) {
      const ops = [first.application.op.name];
      return first.kernel
        .write(first, newTable)
        .map(({ table, ...stage }) => ({ ...stage, ...table.bound, ops }));
    }
    return [kernelOf(parts as readonly Nest[], tuning, newTable())];
  };
  /** Kernels by form, and the number in the form of each slot's tensor. */
  const known = new Map<string, readonly { kernel: Kernel; numbers: readonly number[] }[]>();
  return steps.flatMap((parts, step) => {
    const { key, tensors } = formOf(parts, keyOf, (x) => x.size + kindOf(x));
    const made = known.get(key);
    if (made) {
      return made.map(({ kernel, numbers }) => {
        const slots = kernel.slots.map((slot, i) => ({ ...slot, tensor: tensors[numbers[i]] }));
        return { ...kernel, slots, step };
      });
    }
    const kernels = write(parts);
    kernels.forEach(written);
    const numberOf = new Map(tensors.map((x, i) => [keyOf(x), i]));
    const numbered = kernels.map((kernel) => ({
      kernel,
      numbers: kernel.slots.map((s) => numberOf.get(keyOf(s.tensor))!),
    }));
    known.set(key, numbered);
    return kernels.map((kernel) => ({ ...kernel, step }));
  });
}
