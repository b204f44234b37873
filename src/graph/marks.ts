import type { Tensor } from "./tensor.ts";

/**
 * Which of some marked nodes each node of a graph depends on, itself included. `order` has inputs before users. Sets are
 * held as bits, so that this takes one pass, however many nodes are asked for.
 */
export function marksBelow(
  order: readonly Tensor[],
  inputsOf: (node: Tensor) => readonly Tensor[],
  marked: readonly Tensor[],
): (node: Tensor) => Tensor[] {
  const bits = new Map<Tensor, bigint>(marked.map((node, i) => [node, 1n << BigInt(i)]));
  for (const node of order) {
    let all = bits.get(node) ?? 0n;
    for (const x of inputsOf(node)) all |= bits.get(x) ?? 0n;
    bits.set(node, all);
  }
  return (node) => {
    // The lowest bit comes last.
    const digits = (bits.get(node) ?? 0n).toString(2);
    return marked.filter((_, i) => digits.at(-1 - i) === "1");
  };
}
