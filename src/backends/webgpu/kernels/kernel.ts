import type { LongRows } from "../../../graph/kernel.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import type { Nest } from "../../../plan/nest.ts";
import { BindingTable, declare, type Access, type Slot } from "./bindings.ts";
import { declareScalars, layoutOf, loopBody, threadsOf } from "./loop-kernel.ts";
import type { Binding } from "./link.ts";
import type { AdapterFacts } from "./matmul-families.ts";
import { productText } from "./product-kernel.ts";

/** A shader and how it is dispatched. */
export interface Kernel {
  name: string;
  ops: readonly string[];
  /** The shader, but for what it calls of shaders/functions. */
  wgsl: string;
  slots: readonly Slot[];
  /** How each slot is bound. */
  access: readonly Binding["access"][];
  /** Workgroups in all; those beyond 65,535 lie along y. */
  workgroups: number;
}

/** What kernels are fitted to. */
export interface Tuning {
  adapter: AdapterFacts;
  /** Threads that keep the device busy. */
  threads: number;
  /** Threads of the smallest workgroup worth having. */
  smallestWorkgroup: number;
  longRows: LongRows;
}

/** Workgroups along x, WebGPU's limit; further ones lie along y. */
export const GRID_X = 65_535;
/** Workgroups that a dispatch is spread over, if it is large enough: a few for each core or compute unit. */
const WORKGROUPS = 16;
const LARGEST_WORKGROUP = 256;

/** The kernel of one step. Tensors for which `keyOf` is equal share a binding. */
export function kernelOf(
  loops: readonly Nest[],
  tuning: Tuning,
  keyOf: (x: Tensor) => string,
  access: (slots: readonly Slot[]) => Access,
): Kernel {
  const bindings = new BindingTable(keyOf);
  const [first] = loops;
  if (first.product) {
    const { wgsl, workgroups, family } = productText(first, bindings, tuning.adapter, (slot) =>
      access(bindings.slots)(slot),
    );
    return {
      name: [`matmul-${family}`, ...first.ops].join(" "),
      ops: ["matmul", ...first.ops],
      wgsl,
      ...bound(bindings, access),
      workgroups,
    };
  }
  return writeLoops(loops, tuning, bindings, access);
}

function writeLoops(
  loops: readonly Nest[],
  { threads: wanted, smallestWorkgroup }: Tuning,
  bindings: BindingTable,
  access: (slots: readonly Slot[]) => Access,
): Kernel {
  const layouts = loops.map((loop) => layoutOf(loop, wanted));
  const cooperative = layouts.some((l) => l.cooperative);
  const rowThreads = loops.reduce(
    (sum, loop, i) => sum + (layouts[i].cooperative ? 0 : threadsOf(loop, layouts[i], 1)),
    0,
  );
  const size = cooperative ? 64 : workgroupSize(rowThreads, smallestWorkgroup);
  loops.forEach((loop, i) => declareScalars(loop, layouts[i], bindings));
  const parts = loops.map((loop, i) => loopBody(loop, layouts[i], bindings, size, `part${i}`));
  const groups = loops.map((loop, i) => Math.ceil(threadsOf(loop, layouts[i], size) / size));
  const workgroups = groups.reduce((a, b) => a + b, 0);
  const ops = [...new Set(loops.flatMap((l) => l.ops))];
  const calls = parts.map((_, i) => {
    const start = groups.slice(0, i).reduce((a, b) => a + b, 0);
    const call = `part${i}(group${start > 0 ? ` - ${start}u` : ""}, thread, workgroup.z);`;
    return parts.length === 1
      ? `  ${call}`
      : `  ${i > 0 ? "else " : ""}if (group < ${start + groups[i]}u) { ${call} }`;
  });
  const wgsl = [
    `// ${ops.join(", ") || "copy"}`,
    ...bindings.slots.map((slot) => declare(slot, access(bindings.slots)(slot))),
    ...parts.flatMap((p) => p.declarations),
    "",
    `@compute @workgroup_size(${size})`,
    "fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {",
    `  let group = workgroup.y * ${GRID_X}u + workgroup.x;`,
    ...calls,
    "}",
    ...parts.flatMap((p, i) => [
      "",
      `fn part${i}(group: u32, thread: u32, none: u32) {`,
      ...p.lines.map((line) => `  ${line}`),
      "}",
    ]),
  ].join("\n");
  return {
    name: nameOf(ops),
    ops,
    wgsl,
    ...bound(bindings, access),
    workgroups,
  };
}

/** What a kernel binds, and how. */
export const bound = ({ slots }: BindingTable, access: (slots: readonly Slot[]) => Access) => ({
  slots,
  access: slots.map(access(slots)),
});

function workgroupSize(threads: number, smallest: number): number {
  const even = 2 ** Math.floor(Math.log2(Math.max(1, threads / WORKGROUPS)));
  return Math.min(LARGEST_WORKGROUP, Math.max(smallest, even));
}

/** The ops, cut where they are many. */
function nameOf(ops: readonly string[]): string {
  const distinct = [...new Set(ops)];
  if (distinct.length === 0) return "copy";
  return distinct.length <= 6
    ? distinct.join(" ")
    : `${distinct.slice(0, 5).join(" ")} … (${distinct.length} ops)`;
}
