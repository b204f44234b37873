import type { Plan } from "../graph/backend.ts";
import type { Binding, Inspection, InspectedNode, MemoryBlock } from "./inspection.ts";
import type { Program } from "../graph/program.ts";
import type { Tensor } from "../graph/tensor.ts";
import { alignedBytes } from "../plan/memory.ts";
import { variableOf } from "../plan/pack.ts";
import type { KernelPlan } from "../plan/plan.ts";
import { madeOf, stepsOf } from "../plan/whereabouts.ts";
import type { StepKernel } from "../backends/webgpu/kernels/plan-kernels.ts";

/** A program on its way to the device. */
interface Planned {
  program: Program;
  layout: KernelPlan;
  kernels: readonly StepKernel[];
  /** What is told of it in short. */
  plan: Plan;
}

/** What became of a program. */
export function inspectPlan({ program, layout, kernels, plan }: Planned): Inspection {
  /** The dispatches of each step: several where an op's own kernel has several stages. */
  const dispatchesOf: number[][] = layout.steps.map(() => []);
  kernels.forEach(({ step }, i) => dispatchesOf[step].push(i));
  const made = madeOf(program, layout);
  const computed = stepsOf(layout);
  const stepsFor = (x: Tensor) => computed.get(x) ?? [];

  const nodes = [...made].map(([node, { value, parts }]): InspectedNode => {
    const { id, op, source, shape, dtype, inputs } = node;
    const [first] = stepsFor(value);
    const steps = [...new Set(parts.flatMap(stepsFor))].sort((a, b) => a - b);
    const otherwise = layout.memory.places.has(value) || !value.op ? "as it lies" : "not needed";
    return {
      id,
      op: op?.name ?? source?.kind ?? "",
      shape,
      dtype,
      inputs: inputs.map((x) => x.id),
      // The last stage of an op's own kernel is that which completes it.
      dispatch: op ? (dispatchesOf[first]?.at(-1) ?? otherwise) : "given",
      dispatches: op ? steps.flatMap((step) => dispatchesOf[step]) : [],
    };
  });
  const { blocks, blocksOf } = blocksIn(program, layout, dispatchesOf, idsOf(made));
  return {
    nodes,
    dispatches: kernels.map(({ slots, access, workgroups }, i) => ({
      ...plan.dispatches[i],
      workgroups,
      bindings: slots.map(({ index, tensor, written }): Binding => ({
        index,
        access: access[index],
        isWritten: written,
        blocks: blocksOf(tensor),
      })),
    })),
    blocks,
    temporaryBytes: layout.memory.size,
    argumentBytes: layout.memory.argumentSize,
  };
}

/** The nodes of the user's graph whose value a node of the plan is, or else those of which it is a part. */
function idsOf(made: ReturnType<typeof madeOf>): (xs: readonly Tensor[]) => number[] {
  const [ofValue, ofPart] = [new Map<Tensor, number[]>(), new Map<Tensor, number[]>()];
  const add = (to: Map<Tensor, number[]>, x: Tensor, id: number) => {
    const known = to.get(x);
    if (known) known.push(id);
    else to.set(x, [id]);
  };
  for (const [{ id }, { value, parts }] of made) {
    add(ofValue, value, id);
    for (const part of parts) add(ofPart, part, id);
  }
  return (xs) => [...new Set(xs.flatMap((x) => ofValue.get(x) ?? ofPart.get(x) ?? []))];
}

/** All blocks of memory, and the numbers of those in which a tensor lies. */
function blocksIn(
  program: Program,
  { memory, inPlace, packed, copies, steps }: KernelPlan,
  dispatchesOf: readonly (readonly number[])[],
  idsOf: (xs: readonly Tensor[]) => number[],
): { blocks: MemoryBlock[]; blocksOf: (x: Tensor) => number[] } {
  const end = dispatchesOf.reduce((sum, { length }) => sum + length, 0);
  const membersOf = (x: Tensor) => packed.get(x)?.members ?? [x];
  /** The blocks by what they belong to: a variable, or a tensor that is nowhere else. */
  const byOwner = new Map<object, { block: MemoryBlock; held: Tensor[] }>();
  const hold = (owner: object, x: Tensor, block: Omit<MemoryBlock, "nodes">) => {
    const known = byOwner.get(owner) ?? { block: { ...block, nodes: [] }, held: [] };
    known.held.push(x);
    byOwner.set(owner, known);
  };
  const always = { offset: 0, first: 0, last: end };

  for (const { tensor, offset, size, first, last } of memory.blocks) {
    const block = {
      kind: "temporary",
      offset,
      bytes: size,
      first: dispatchesOf[first]?.[0] ?? end,
      last: last < steps.length ? dispatchesOf[last].at(-1)! : end,
    } as const;
    for (const member of membersOf(tensor)) hold(tensor, member, block);
  }
  for (const [x, place] of memory.places) {
    const bytes = alignedBytes(x);
    if (place.kind === "argument")
      hold(x, x, { ...always, kind: "argument", offset: place.offset, bytes });
    if (place.kind === "source") hold(place.tensor, x, { ...always, kind: "constant", bytes });
    if (place.kind !== "variable") continue;
    for (const member of membersOf(x)) {
      const variable = variableOf(member, inPlace)!;
      hold(variable, member, { ...always, kind: "variable", bytes: alignedBytes(variable) });
    }
  }
  for (const { variable, value } of copies)
    hold(variable, value, { ...always, kind: "variable", bytes: alignedBytes(variable) });

  const owners = [...byOwner.keys()];
  const numberOf = new Map(owners.map((owner, i) => [owner, i]));
  const ownerOf = new Map<Tensor, object>();
  for (const [owner, { held }] of byOwner)
    for (const x of held) if (!ownerOf.has(x)) ownerOf.set(x, owner);
  return {
    blocks: [...byOwner.values()].map(({ block, held }) => ({ ...block, nodes: idsOf(held) })),
    blocksOf(x) {
      const found = [x, ...membersOf(x)].flatMap((y) => {
        const owner = numberOf.has(y) ? y : (variableOf(y, inPlace) ?? ownerOf.get(y));
        return owner ? numberOf.get(owner)! : [];
      });
      return [...new Set(found)];
    },
  };
}
