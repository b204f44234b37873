import { getOrMake } from "../base/maps.ts";
import { identity } from "../graph/identity.ts";
import type { Target } from "../graph/offered-kernel.ts";
import type { Effect, Program } from "../graph/program.ts";
import type { Tensor } from "../graph/tensor.ts";
import { withTrace } from "../graph/trace.ts";
import type { Variable } from "../graph/variable.ts";
import { callOf } from "./call.ts";
import { fuse, type EpilogueCopies } from "./fuse.ts";
import { isCall, nestOf, tensorsRead, tensorsWritten, type Part } from "./nest.ts";
import { lower, traceOf } from "./lower.ts";
import { planMemory, type MemoryPlan } from "./memory.ts";
import { pack, variableOf, type PackedBuffer } from "./pack.ts";
import { made } from "./passes.ts";
import { dataFlow, merge, writeInPlace, type PlanStep } from "./schedule.ts";
import { asItLies, isInMemory, materialize } from "./materialize.ts";
import type { PackedPlaceOf, Wish } from "./wish.ts";

/** What the passes have to know of a device. */
export interface Limits {
  /** Storage buffers that one kernel may bind. */
  bindings: number;
  /** Bytes of a buffer that a kernel may bind. */
  bindingBytes: number;
  epilogueCopies: EpilogueCopies;
  packedPlace: PackedPlaceOf;
  /** What ops may offer kernels for; without it all are taken apart. */
  target?: Target;
}

/** A program as kernels in order, with a place for every value. */
export interface KernelPlan {
  /** Loops that share a dispatch stand together; a call stands alone. */
  steps: readonly (readonly Part[])[];
  memory: MemoryPlan;
  inPlace: ReadonlyMap<Tensor, Variable>;
  packed: ReadonlyMap<Tensor, PackedBuffer>;
  /** What has to be granted before it can run. */
  wishes: readonly Wish[];
  outputs: readonly Tensor[];
  /** Assignments that are copies after the last step. */
  copies: readonly Effect[];
  /** The node of the user's graph that a node of the plan computes. */
  origin: ReadonlyMap<Tensor, Tensor>;
  /** The node of the plan that computes a node of the user's graph. */
  lowered: ReadonlyMap<Tensor, Tensor>;
}

/** Whether a value lies in memory before the plan runs, in a place that it never writes. */
const isGiven = (x: Tensor) =>
  x.op === null && x.source?.kind !== "variable" && isInMemory(x, new Set());

/** Makes a plan of a program: lower, choose what is stored, fuse, schedule, lay out. */
export function planProgram(program: Program, limits: Limits, reuse = true): KernelPlan {
  const lowered = lower(program, limits.target);
  made("lower", { program, lowered });
  const kept = new Map<Tensor, Tensor>();
  // What a kernel makes in the arena can be copied to where it goes when all is done.
  const copied = (x: Tensor) =>
    getOrMake(kept, x, () => withTrace(traceOf([x]), () => identity(x)));
  const isMade = (x: Tensor) => x.op !== null || x.source?.kind === "input";
  const outputs = lowered.outputs.map((x) => (isMade(x) ? x : copied(x)));
  // A variable's old value has to be read before the variable is overwritten; what else lies in memory is copied from
  // there when all is done, without a kernel.
  const keep = (x: Tensor) => (x.source?.kind === "variable" ? copied(x) : x);
  const assigned = (x: Tensor) => {
    const lies = x.size > 0 ? asItLies(x) : x;
    return isGiven(lies) ? lies : keep(x);
  };
  const effects = lowered.effects.map(({ variable, value }) => ({
    variable,
    value: assigned(value),
  }));
  const roots = [...outputs, ...effects.map((e) => e.value)];

  const chosen = materialize(roots, limits.bindings);
  made("materialize", { roots, chosen });
  const grouped = fuse(
    roots,
    new Set(effects.map((e) => e.value)),
    chosen,
    limits.bindings,
    limits.epilogueCopies,
  );
  made("fuse", { roots, chosen, grouped });
  // What other kernels read, and results.
  const written = new Set(roots);
  for (const { reads } of grouped.groups) for (const x of reads) written.add(x);
  const isStored = (x: Tensor) => isInMemory(x, chosen.stored);
  const parts = grouped.groups.map((g): Part => {
    const { call, product } = g;
    if (call) return callOf(call, lowered.kernels.get(call)!, chosen.inputs.get(call)!);
    return nestOf(g, written, isStored, product ? chosen.operands.get(product) : undefined);
  });
  made("nest", { chosen, grouped, written, parts });

  const order = dataFlow(parts);
  const inPlace = writeInPlace(effects, parts, order);
  const scheduled = order.sorted(parts);
  made("schedule", { effects, parts: scheduled, inPlace });
  const packLimits = { ...limits, packedPlace: program.lasting ? limits.packedPlace : null };
  const packed = pack(scheduled, order, inPlace, packLimits);
  const sorted = order.sorted(packed.loops);
  made("pack", { parts: scheduled, inPlace, packed, sorted, limits: packLimits });
  const alone = (part: Part) => stepOf(part, inPlace, packed.buffers);
  const steps = merge(sorted, order, alone, limits.bindings);
  const { buffers, wishes } = packed;
  made("merge", { parts: sorted, inPlace, buffers, steps, bindings: limits.bindings });

  const copies = effects.filter(({ variable, value }) => inPlace.get(value) !== variable);
  const toEnd = new Set([...outputs, ...copies.map((e) => e.value)]);
  const memory = planMemory(steps, program.inputs, toEnd, inPlace, buffers, reuse);
  const plan = {
    steps,
    memory,
    inPlace,
    packed: buffers,
    wishes,
    outputs,
    copies,
    origin: lowered.origin,
    lowered: lowered.lowered,
  };
  made("memory", { program, plan });
  return plan;
}

/** A step of one part. */
function stepOf(
  part: Part,
  inPlace: ReadonlyMap<Tensor, Variable>,
  packed: ReadonlyMap<Tensor, PackedBuffer>,
): PlanStep {
  const keyOf = (x: Tensor) => bindingKey(x, inPlace, packed);
  const keys: BindingKey[] = [];
  const members: BindingKey[] = [];
  for (const x of [...tensorsRead(part), ...tensorsWritten(part)]) {
    const key = keyOf(x);
    if (!keys.includes(key)) keys.push(key);
    const buffer = packed.get(x);
    if (buffer) members.push(...buffer.members.map(keyOf));
  }
  return { loops: [part], length: isCall(part) ? 0 : part.length, keys, members };
}

/** What stands for a place that is bound: whose it is, or a name where several lie side by side in it. */
export type BindingKey = Tensor | Variable | string;

/** Tensors that lie in the same place are bound once. */
export function bindingKey(
  x: Tensor,
  inPlace: ReadonlyMap<Tensor, Variable>,
  packed: ReadonlyMap<Tensor, PackedBuffer>,
): BindingKey {
  const buffer = packed.get(x);
  const variable = variableOf(buffer?.members[0] ?? x, inPlace);
  return variable && buffer ? `packed v${variable.id}` : (variable ?? x);
}
