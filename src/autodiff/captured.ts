import { ordered, type Tensor } from "../graph/tensor.ts";

/** What was there before node `oldest`, and variables' values. */
export const isOuter = (node: Tensor, oldest: number) =>
  node.id < oldest || node.versionOf !== null;

/** What a graph is computed from besides `inner`; bare numbers are part of it. */
export function capturedBy(
  roots: readonly Tensor[],
  inner: ReadonlySet<Tensor>,
  oldest: number,
): Tensor[] {
  const inputsOf = (node: Tensor) =>
    inner.has(node) || isOuter(node, oldest) ? [] : (node.made?.inputs ?? []);
  return ordered(roots, inputsOf).filter(
    (node) => !inner.has(node) && !node.weak && (isOuter(node, oldest) || !node.made),
  );
}
