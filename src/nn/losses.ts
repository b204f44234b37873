import { checkNumber } from "../base/check-number.ts";
import { ShapeError } from "../base/errors.ts";
import { sameShape, show } from "../base/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { softplus } from "../ops/activations.ts";
import { abs, add, mul, neg, square, squaredDifference, sub } from "../ops/arithmetic.ts";
import { clip, relu } from "../ops/piecewise.ts";
import { stopGradient } from "../ops/stop-gradient.ts";
import { checkLoss, reduceLoss, type LossOptions } from "./loss-reduction.ts";

/**
 * The squared error (x − t)² of predictions and targets of one shape; otherwise a ShapeError.
 * @param predictions numbers of any shape
 * @param targets of the shape of the predictions
 * @param options the reduction, "mean" by default
 * @returns a scalar; of the shape of the predictions where the reduction is "none"
 * @throws ShapeError where the shapes differ
 * @throws DtypeError where an operand is bool, or the two do not mix
 * @throws ValueError where there is no such reduction
 */
export function mse(predictions: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  checkLoss("mse", predictions, targets, options);
  return reduceLoss(squaredDifference(predictions, targets), options.reduction);
}

/**
 * The absolute error |x − t| of predictions and targets of one shape; otherwise a ShapeError.
 * @param predictions numbers of any shape
 * @param targets of the shape of the predictions
 * @param options the reduction, "mean" by default
 * @returns a scalar; of the shape of the predictions where the reduction is "none"
 * @throws ShapeError where the shapes differ
 * @throws DtypeError where an operand is bool, or the two do not mix
 * @throws ValueError where there is no such reduction
 */
export function mae(predictions: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  checkLoss("mae", predictions, targets, options);
  return reduceLoss(abs(sub(predictions, targets)), options.reduction);
}

/** Where the Huber loss turns into a line, and how it is combined. */
export interface HuberOptions extends LossOptions {
  /** Where the square turns into a line; 1 by default. */
  delta?: number;
}

/**
 * (x − t)²/2 up to a distance δ, δ(|x − t| − δ/2) beyond, for predictions and targets of one shape. Huber 1964.
 * @param predictions numbers of any shape
 * @param targets of the shape of the predictions
 * @param options the δ, and the reduction, "mean" by default
 * @returns a scalar; of the shape of the predictions where the reduction is "none"
 * @throws ShapeError where the shapes differ
 * @throws DtypeError where an operand is bool, or the two do not mix
 * @throws ValueError where there is no such reduction, or δ is not positive
 */
export function huber(predictions: Tensor, targets: Tensor, options: HuberOptions = {}): Tensor {
  checkLoss("huber", predictions, targets, options, ["delta", "reduction"]);
  const { delta = 1, reduction } = options;
  checkNumber("huber: delta", delta, "a positive number", (value) => value > 0);
  const r = sub(predictions, targets);
  // c²/2 + c (r − c) with r cut to c: nothing is squared that is larger than δ. Where the second term is not 0 its factor
  // c is ±δ, without a slope by which an infinite r would be multiplied.
  const c = clip(r, -delta, delta);
  const line = mul(stopGradient(c), sub(r, c));
  return reduceLoss(add(mul(square(c), 0.5), line), reduction);
}

/**
 * max(0, 1 − t x) for labels t of ±1, of the predictions' shape.
 * @param predictions numbers of any shape
 * @param targets of the shape of the predictions
 * @param options the reduction, "mean" by default
 * @returns a scalar; of the shape of the predictions where the reduction is "none"
 * @throws ShapeError where the shapes differ
 * @throws DtypeError where an operand is bool, or the two do not mix
 * @throws ValueError where there is no such reduction
 */
export function hinge(predictions: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  checkLoss("hinge", predictions, targets, options);
  return reduceLoss(relu(sub(1, mul(predictions, targets))), options.reduction);
}

/**
 * ln(1 + exp(−t z)) for labels t of ±1, of the logits' shape: logistic regression.
 * @param logits float32 of any shape
 * @param targets ±1, of the shape of the logits
 * @param options the reduction, "mean" by default
 * @returns a scalar; of the shape of the logits where the reduction is "none"
 * @throws ShapeError where the shapes differ
 * @throws DtypeError where an operand is bool, or the two do not mix
 * @throws ValueError where there is no such reduction
 */
export function logisticLoss(logits: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  checkLoss("logisticLoss", logits, targets, options);
  return reduceLoss(softplus(neg(mul(logits, targets))), options.reduction);
}

/** How the binary cross-entropy is weighted and combined. */
export interface BceOptions extends LossOptions {
  /** How much more an example of class 1 counts; a tensor broadcasts to the logits. */
  positiveWeight?: number | Tensor;
}

/**
 * −w t ln σ(z) − (1 − t) ln(1 − σ(z)), the binary cross-entropy of logits z and probabilities t of the same shape.
 * @param logits float32 of any shape
 * @param targets probabilities, of the shape of the logits
 * @param options the weight of class 1, and the reduction, "mean" by default
 * @returns a scalar; of the shape of the logits where the reduction is "none"
 * @throws ShapeError where the shapes differ, or the weight does not broadcast to that of the logits
 * @throws DtypeError where an operand is bool, or the two do not mix
 * @throws ValueError where there is no such reduction
 */
export function bceWithLogits(logits: Tensor, targets: Tensor, options: BceOptions = {}): Tensor {
  checkLoss("bceWithLogits", logits, targets, options, ["positiveWeight", "reduction"]);
  const { positiveWeight = 1, reduction } = options;
  // Both terms are positive, so nothing cancels.
  const positive = mul(mul(targets, softplus(neg(logits))), positiveWeight);
  // A weight that would make several losses of one counts examples other than those that there are.
  if (!sameShape(positive.shape, logits.shape)) {
    throw new ShapeError(
      `bceWithLogits: with positiveWeight, losses are ${show(positive.shape)} and logits ${show(logits.shape)}`,
    );
  }
  const negative = mul(sub(1, targets), softplus(logits));
  return reduceLoss(add(positive, negative), reduction);
}
