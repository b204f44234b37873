import { requireBackend } from "../graph/backend.ts";
import { Variable } from "../graph/variable.ts";
import type { Tensor } from "../graph/tensor.ts";
import { checkValues } from "../ops/known.ts";
import { stateOf, words } from "./draws.ts";
import { currentDraw, restart } from "./generator.ts";

/** What the host counts, as a variable: seed and number of the next draw outside of compiled functions. */
class HostState extends Variable {
  constructor() {
    super(words(...currentDraw()), false);
  }

  /** Draws go on from there: what is read from a file is known to the host. */
  override assign(value: Tensor): void {
    super.assign(value);
    checkValues(value, ([seed, calls]) => restart(seed, calls));
  }
}

/**
 * What all draws follow from, as modules and optimizers have it: seed and count of those outside of compiled functions,
 * "eager", and of the current device's compiled ones, "compiled". A training that draws, by dropout say, is resumed from
 * `safetensors.save({ model, optimizer, random })` as if it had not stopped.
 * @returns the random state by name, as it is saved
 */
export const namedVariables = (): Record<string, Variable> => ({
  eager: new HostState(),
  compiled: stateOf(requireBackend(null)),
});
