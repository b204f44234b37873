import type { Nest } from "../../../plan/nest.ts";
import type { BindingTable, Slot } from "./bindings.ts";
import type { Tuning } from "./tuning.ts";
import { groupsOf, layoutOf, workgroupSize } from "./layout.ts";
import { declareScalars, loopBody } from "./loop-kernel.ts";
import type { DeclaredBinding } from "../../../base/link.ts";
import { productText } from "./product-kernel.ts";

/** A shader and how it is dispatched. */
export interface Kernel {
  name: string;
  ops: readonly string[];
  /** The shader, but for what it calls of shaders/functions. */
  wgsl: string;
  slots: readonly Slot[];
  /** How each slot is bound. */
  access: readonly DeclaredBinding["access"][];
  /** Workgroups in all; those beyond 65,535 lie along y. */
  workgroups: number;
}

/** Workgroups along x, WebGPU's limit; further ones lie along y. */
export const GRID_X = 65_535;

/** The kernel of one step. */
export function kernelOf(loops: readonly Nest[], tuning: Tuning, bindings: BindingTable): Kernel {
  const [first] = loops;
  if (first.product) {
    const { name, wgsl, workgroups } = productText(first, bindings, tuning);
    return {
      name: [name, ...first.ops].join(" "),
      ops: ["matmul", ...first.ops],
      wgsl,
      ...bindings.bound,
      workgroups,
    };
  }
  return writeLoops(loops, tuning, bindings);
}

function writeLoops(loops: readonly Nest[], tuning: Tuning, bindings: BindingTable): Kernel {
  const layouts = loops.map((loop) => layoutOf(loop, tuning));
  const size = workgroupSize(loops, layouts, tuning);
  loops.forEach((loop, i) => declareScalars(loop, layouts[i], bindings));
  const groups = loops.map((loop, i) => groupsOf(loop, layouts[i], size));
  const workgroups = groups.reduce((a, b) => a + b, 0);
  // Where there are several loops, each is called for its own workgroups alone.
  const isWider = loops.length === 1 && workgroups > GRID_X;
  // `none` is 0, but compilers cannot know that.
  const grid = { size, isWider, hidden: tuning.unrolls ? " + none" : "" };
  const parts = loops.map((loop, i) => loopBody(loop, layouts[i], bindings, grid, `part${i}`));
  const ops = [...new Set(loops.flatMap((loop) => loop.ops))];
  const calls = parts.map((_, i) => {
    const start = groups.slice(0, i).reduce((a, b) => a + b, 0);
    const call = `part${i}(group${start > 0 ? ` - ${start}u` : ""}, thread, workgroup.z);`;
    return parts.length === 1
      ? `  ${call}`
      : `  ${i > 0 ? "else " : ""}if (group < ${start + groups[i]}u) { ${call} }`;
  });
  const wgsl = [
    `// ${ops.join(", ") || "copy"}`,
    ...bindings.declare(bindings.slots),
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
    ...bindings.bound,
    workgroups,
  };
}

/** The ops, cut where they are many. */
const nameOf = (ops: readonly string[]) =>
  ops.length > 6 ? `${ops.slice(0, 5).join(" ")} … (${ops.length} ops)` : ops.join(" ") || "copy";
