import type { Call } from "../../../plan/call.ts";
import type { BindingTable, Slot } from "./bindings.ts";
import type { Kernel } from "./kernel.ts";
import { link, storageNames, type DeclaredBinding } from "./link.ts";

/** The kernels of an op that has its own, one for each stage, which has a table of bindings. */
export function callKernels(
  { application, kernel, operands, scratch }: Call,
  newTable: () => BindingTable,
): Kernel[] {
  const { op, results } = application;
  const named = [...kernel.inputs, ...kernel.results, ...Object.keys(kernel.scratch ?? {})];
  const all = [...operands, ...results, ...scratch];
  const tensors = new Map(named.map((name, i) => [name, all[i]]));
  return kernel.stages.map(({ name: file, wgsl, set, bind = {}, workgroups }) => {
    const known = (name: string) => bind[name] ?? name;
    const table = newTable();
    const declared = storageNames(wgsl);
    // What the kernel has not, its settings leave unused.
    const names = declared.filter((name) => tensors.has(known(name)));
    const slots = names.map((name) =>
      table.slot(tensors.get(known(name))!, !kernel.inputs.includes(known(name))),
    );
    // A tensor that stands for two inputs is bound once, and read by the name of the first.
    const firstOf = (slot: Slot) => names[slots.indexOf(slot)];
    const bindings = declared.map((name): [string, DeclaredBinding | null] => {
      const slot = slots[names.indexOf(name)];
      const isOwn = slot && firstOf(slot) === name;
      return [name, isOwn ? { index: slot.index, access: table.accessOf(slot) } : null];
    });
    const linked = link(wgsl, set, Object.fromEntries(bindings));
    const text = names.reduce(
      (code, name, i) => code.replace(new RegExp(`\\b${name}\\b`, "g"), firstOf(slots[i])),
      linked,
    );
    return {
      name: kernel.stages.length > 1 ? `${op.name} ${file}` : op.name,
      ops: [op.name],
      wgsl: text,
      ...table.bound,
      workgroups,
    };
  });
}
