import type { Dataset } from "../data/dataset.ts";
import { checkOptions, type FitOptions } from "./options.ts";
import type { History } from "./history.ts";
import type { Layer } from "../nn/module.ts";
import { Training } from "./training.ts";

export type { Criterion } from "./criteria.ts";
export type { FitOptions, Progress } from "./options.ts";

/**
 * Trains a model on a data set of inputs x and targets y. Resolves with the history, also when the signal has ended it:
 * `history.aborted` tells. When the device is lost, the training goes on from the last snapshot.
 *
 * In the steps the model is in training mode, on the validation set it is not; in the end it is as it was.
 */
export async function fit<N extends string = never>(
  model: Layer,
  set: Dataset<"x" | "y">,
  options: FitOptions<N>,
): Promise<History<N>> {
  checkOptions(model, set, options);
  return new Training(model, set, options).run();
}
