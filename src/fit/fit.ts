import type { Dataset } from "../data/dataset.ts";
import { checkFit, type FitOptions } from "./fit-options.ts";
import type { History } from "./training-history.ts";
import type { Layer } from "../nn/module.ts";
import { Training } from "./training.ts";

export type { Criterion } from "./criteria.ts";
export type { FitOptions, Progress } from "./fit-options.ts";

/**
 * Trains a model on a data set of inputs x and targets y, rows of which it is given as [batch, …]. Resolves with the
 * history, even if the signal ended training early (`history.aborted`). If the device is lost, training goes on from the
 * last snapshot.
 *
 * The model is in training mode during steps and in evaluation mode on the validation set; afterwards each module in it is
 * in the mode it was in before. Where the model is in training mode from the start, modules in it that are not stay in
 * evaluation mode during steps: so a part is frozen. Rejects with an ArgumentError or a ValueError for options that it
 * cannot train with, and with a ShapeError for a loss or metric that is not a scalar.
 * @param model a module whose forward takes x
 * @param set examples with parts x and y
 * @param options loss, optimizer, and the rest
 * @returns losses and metrics of each epoch
 * @throws ValueError where an option is out of range, or the optimizer is for other parameters
 * @throws ShapeError where a loss or metric is no scalar
 */
export async function fit<N extends string = never>(
  model: Layer,
  set: Dataset<"x" | "y">,
  options: FitOptions<N>,
): Promise<History<N>> {
  checkFit(model, set, options);
  return new Training(model, set, options).run();
}
