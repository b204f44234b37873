import { checkInstance } from "../base/describe-value.ts";
import { DtypeError, ShapeError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { sameShape, show } from "../base/shape.ts";
import { Tensor } from "../graph/tensor.ts";
import { sum } from "../ops/broadcast.ts";
import { mean } from "../ops/statistics.ts";

/** How the losses of single elements are combined; "none" keeps them. */
export type Reduction = "mean" | "sum" | "none";

/** How a loss is combined over its elements. */
export interface LossOptions {
  /** "mean" by default. */
  reduction?: Reduction;
}

/** The losses averaged, added up, or left as they are. */
export function reduceLoss(loss: Tensor, reduction: Reduction = "mean"): Tensor {
  if (reduction === "none") return loss;
  return reduction === "sum" ? sum(loss) : mean(loss);
}

/** Throws a ValueError for a reduction that there is not. */
export function checkReduction(name: string, reduction: Reduction = "mean"): void {
  if (["mean", "sum", "none"].includes(reduction)) return;
  throw new ValueError(`${name}: reduction is "mean", "sum" or "none", got ${reduction as string}`);
}

/** Predictions and targets that would broadcast are more often a mistake than meant, so their shapes must be equal. */
export function checkLoss<T extends LossOptions>(
  name: string,
  predictions: Tensor,
  targets: Tensor,
  options: T,
  known: readonly (keyof T & string)[] = ["reduction"],
): void {
  checkOptions(name, options, known);
  checkReduction(name, options.reduction);
  checkInstance(name, predictions, Tensor);
  checkInstance(name, targets, Tensor);
  for (const x of [predictions, targets]) {
    if (x.dtype === "bool") {
      throw new DtypeError(`${name}: takes numbers, got bool; cast it, as in x.cast("float32")`);
    }
  }
  if (sameShape(predictions.shape, targets.shape)) return;
  throw new ShapeError(
    `${name}: predictions ${show(predictions.shape)} and targets ${show(targets.shape)} differ in shape`,
  );
}
