import type { Call } from "../../../plan/call.ts";
import type { BindingTable, Slot } from "./bindings.ts";
import type { Kernel } from "./kernel.ts";
import { link, storageNames, type Binding } from "./link.ts";

/** The kernels of an op that has its own, one for each stage, which has a table of bindings. */
export function callKernels(
  { application, kernel, operands, scratch }: Call,
  newTable: () => BindingTable,
): Kernel[] {
  const { op, results } = application;
  const read = kernel.inputs.map((name, i) => [name, operands[i]] as const);
  const written = [
    ...kernel.results.map((name, i) => [name, results[i]] as const),
    ...Object.keys(kernel.scratch ?? {}).map((name, i) => [name, scratch[i]] as const),
  ];
  const tensors = new Map([...read, ...written]);
  const isWritten = new Set(written.map(([name]) => name));
  return kernel.stages.map(({ name: file, wgsl, set, bind = {}, workgroups }) => {
    const known = (name: string) => bind[name] ?? name;
    const table = newTable();
    const declared = storageNames(wgsl);
    // What the kernel has not, its settings leave unused.
    const names = declared.filter((name) => tensors.has(known(name)));
    const slots = names.map((name) =>
      table.slot(tensors.get(known(name))!, isWritten.has(known(name))),
    );
    // A tensor that stands for two inputs is bound once, and read by the name of the first.
    const firstOf = (slot: Slot) => names[slots.indexOf(slot)];
    const bindings = declared.map((name): [string, Binding | null] => {
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
