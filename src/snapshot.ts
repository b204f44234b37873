import type { Backend } from "./graph/backend.ts";
import { evaluate } from "./graph/evaluate.ts";
import { stateOf } from "./random/draws.ts";

/**
 * Keeps on the host what a lost device is restored from: the values of all variables, and of the random state, which a
 * function that is compiled only later goes on from.
 */
export async function takeSnapshot(backend: Backend): Promise<void> {
  stateOf(backend);
  evaluate([], backend);
  await backend.snapshot();
}
