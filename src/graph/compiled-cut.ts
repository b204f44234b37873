import type { Cut } from "./cut.ts";
import { readsOf } from "./history.ts";
import { marksBelow } from "./marks.ts";
import { derivationOf, lineageOf, type Tensor } from "./tensor.ts";

// What a compiled function returned was computed without a graph, but it is known from what: so a gradient that does
// not depend on it is right, and one that may is an error.

/** What an output of a traced function depends on. */
export interface Dependencies {
  /** The variables that are read, the tensors of the closure and what these were computed from, by id. */
  ids: ReadonlySet<number>;
  /** The arguments, by position. */
  positions: readonly number[];
}

/** The dependencies of each output of a traced function, whose arguments are the placeholders `inputs`. */
export function dependenciesOf(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
): Dependencies[] {
  const order = lineageOf(outputs);
  const isOwn = (node: Tensor) => node.trace !== null && node.op !== null && !node.versionOf;
  const marked = order.filter((node) => !isOwn(node));
  const marksOf = marksBelow(order, (node) => derivationOf(node)?.inputs ?? [], marked);
  return outputs.map((x) => {
    const ids = new Set(
      marksOf(x).flatMap((node) => [node.versionOf?.id ?? node.id, ...readsOf(node)]),
    );
    return { ids, positions: inputs.flatMap((input, i) => (ids.has(input.id) ? [i] : [])) };
  });
}

/** The union of sets: one of them, if that holds all others. */
function unionOf(sets: readonly ReadonlySet<number>[]): ReadonlySet<number> {
  return sets.reduce((all, set) => {
    const [small, large] = set.size > all.size ? [all, set] : [set, all];
    const isWithin = small === large || [...small].every((id) => large.has(id));
    return isWithin ? large : new Set([...large, ...small]);
  });
}

const WHY =
  "is the result of a compiled function, which carries no history; differentiate inside, as in compile(grad(f)), " +
  "or differentiate the function that calls it, as in grad(f)";

/** What is known of an output of a call with these arguments. */
export function compiledCut(
  { ids, positions }: Dependencies,
  args: readonly Tensor[],
): { cut: Cut; reads: ReadonlySet<number> } {
  const given = positions.map((i) => ({
    id: args[i].id,
    isDerived: args[i].made !== null || args[i].cut !== null,
  }));
  const mayDepend = (_: Tensor, x: Tensor) =>
    ids.has(x.id) || given.some(({ id, isDerived }) => id === x.id || (isDerived && x.id < id));
  return {
    cut: { why: WHY, mayDepend },
    reads: unionOf([ids, ...positions.map((i) => readsOf(args[i]))]),
  };
}
