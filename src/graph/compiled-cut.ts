import { ancestryOf, unionOf, type Ancestry } from "./ancestry.ts";
import { COMPILED, type Cut } from "./cut.ts";
import { readsOf } from "./history.ts";
import { marksBelow } from "./marks.ts";
import { derivationOf, lineageOf, type Tensor } from "./tensor.ts";

// What a compiled function returned was computed without a graph, but it is known from what: so a gradient that does
// not depend on it is right, and one that may is an error.

/** What an output of a traced function depends on. */
export interface OutputDependencies {
  /** The variables that are read, the tensors of the closure and what these were computed from, by id. */
  ids: ReadonlySet<number>;
  /** What tensors of the closure were computed from that carry no history themselves. */
  closure: Ancestry;
  /** The arguments, by position. */
  positions: readonly number[];
}

/** The dependencies of each output of a traced function, whose arguments are the placeholders `inputs`. */
export function dependenciesOf(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
): OutputDependencies[] {
  const order = lineageOf(outputs);
  const isOwn = (node: Tensor) => node.trace !== null && node.op !== null && !node.versionOf;
  const marked = order.filter((node) => !isOwn(node));
  const marksOf = marksBelow(order, (node) => derivationOf(node)?.inputs ?? [], marked);
  return outputs.map((x) => {
    const below = marksOf(x);
    const ids = new Set(below.flatMap((node) => [node.versionOf?.id ?? node.id, ...readsOf(node)]));
    const closure = unionOf(below.flatMap(({ cut }) => cut?.ancestry ?? []));
    return {
      ids,
      closure,
      positions: inputs.flatMap((input, i) => (ids.has(input.id) ? [i] : [])),
    };
  });
}

/** The union of sets: one of them, if that holds all others. */
function unionOfSets(sets: readonly ReadonlySet<number>[]): ReadonlySet<number> {
  return sets.reduce((all, set) => {
    const [small, large] = set.size > all.size ? [all, set] : [set, all];
    const isWithin = small === large || [...small].every((id) => large.has(id));
    return isWithin ? large : new Set([...large, ...small]);
  });
}

/** What is known of an output of a call with these arguments. */
export function compiledCut(
  { ids, closure, positions }: OutputDependencies,
  args: readonly Tensor[],
): { cut: Cut; reads: ReadonlySet<number> } {
  const given = positions.map((i) => args[i]);
  const ancestry = unionOf([closure, ...given.map((x) => ancestryOf([x]))]);
  return {
    cut: { why: COMPILED, ancestry },
    reads: unionOfSets([ids, ...given.map(readsOf)]),
  };
}
