import type { HostArray } from "../base/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import { currentTrace } from "../graph/trace.ts";

/**
 * Makes a check of the values of x where the host knows them: now if they are constant, and in every call if x is an
 * argument of the function being traced. The values of one example of a batch are those of all.
 */
export function checkValues(x: Tensor, check: (data: HostArray) => void): void {
  const { source } = x.value;
  if (source?.kind === "constant") check(source.data);
  if (source?.kind === "input") currentTrace()?.checks.push({ position: source.position, check });
  if (source?.kind === "mapped" && source.examples) checkValues(source.examples, check);
}
