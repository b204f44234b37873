import { link, storageNames, type DeclaredBinding } from "../base/link.ts";
import type { OpKernel } from "./offered-kernel.ts";

/** An op's kernel with what writes its shaders: no program loads that whose ops offer none. */
export const offered = (kernel: Omit<OpKernel, "write">): OpKernel => ({ ...kernel, write });

const write: OpKernel["write"] = ({ application, kernel, operands, scratch }, newTable) => {
  const { op, results } = application;
  const { inputs, stages } = kernel;
  const named = [...inputs, ...kernel.results, ...Object.keys(kernel.scratch ?? {})];
  const all = [...operands, ...results, ...scratch];
  const tensors = new Map(named.map((name, i) => [name, all[i]]));
  return stages.map(({ name: file, wgsl, set, bind = {}, workgroups }) => {
    const known = (name: string) => bind[name] ?? name;
    const table = newTable();
    const declared = storageNames(wgsl);
    // What the kernel has not, its settings leave unused.
    const names = declared.filter((name) => tensors.has(known(name)));
    const slots = names.map((name) =>
      table.slot(tensors.get(known(name))!, !inputs.includes(known(name))),
    );
    // A tensor that stands for two inputs is bound once, and read by the name of the first.
    const firstOf = (slot: (typeof slots)[number]) => names[slots.indexOf(slot)];
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
    const name = stages.length > 1 ? `${op.name} ${file}` : op.name;
    return { name, wgsl: text, table, workgroups };
  });
};
