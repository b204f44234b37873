import type { Program } from "../graph/program.ts";
import { ordered, topologicalOrder, type Tensor } from "../graph/tensor.ts";
import { isCall, tensorsWritten, type Part } from "./nest.ts";
import type { KernelPlan } from "./plan.ts";

// Which steps of a plan compute which nodes of the user's graph. Programs do not load it.

/** The nodes of the plan that compute a node of the user's graph: its value, and what that is made of. */
interface Made {
  value: Tensor;
  parts: readonly Tensor[];
}

/** What became of the nodes of a program, inputs before users. */
export function madeOf(program: Program, { lowered }: KernelPlan): Map<Tensor, Made> {
  const order = topologicalOrder([...program.outputs, ...program.effects.map((e) => e.value)]);
  const made = new Map<Tensor, Made>();
  for (const node of order) {
    const value = lowered.get(node)!;
    const inputs = new Set(node.inputs.map((x) => lowered.get(x)!));
    const below = ordered([value], (x) => (inputs.has(x) ? [] : x.inputs));
    const own = below.filter((x) => x.op && !inputs.has(x));
    made.set(node, { value, parts: own.length > 0 ? own : [value] });
  }
  return made;
}

/** The numbers of the steps that compute each node of the plan, ascending. */
export function stepsOf({ steps, memory, packed }: KernelPlan): Map<Tensor, number[]> {
  const found = new Map<Tensor, number[]>();
  const membersOf = (x: Tensor) => packed.get(x)?.members ?? [x];
  steps.forEach((parts, step) => {
    for (const part of parts) {
      const own = new Set(valuesOf(part).flatMap(membersOf));
      const isRead = (x: Tensor) => !own.has(x) && memory.places.has(x);
      const computed = ordered([...own], (x) => x.inputs.filter((y) => y.op && !isRead(y)));
      for (const x of computed) {
        const known = found.get(x) ?? [];
        if (known.at(-1) !== step) known.push(step);
        found.set(x, known);
      }
    }
  });
  return found;
}

const valuesOf = (part: Part): readonly Tensor[] =>
  isCall(part) ? tensorsWritten(part) : part.values.map(({ tensor }) => tensor);
