import { ValueError } from "../base/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { softplus } from "../ops/activations.ts";
import { abs, add, mul, neg, squaredDifference, sub } from "../ops/arithmetic.ts";
import { clip, relu } from "../ops/piecewise.ts";
import { checkSameShape, reduceLoss, type LossOptions } from "./reduction.ts";

/** The squared error (x − t)² of predictions and targets of one shape; otherwise a ShapeError. */
export function mse(predictions: Tensor, targets: Tensor, { reduction }: LossOptions = {}): Tensor {
  checkSameShape("mse", predictions, targets);
  return reduceLoss(squaredDifference(predictions, targets), reduction);
}

/** The absolute error |x − t| of predictions and targets of one shape; otherwise a ShapeError. */
export function mae(predictions: Tensor, targets: Tensor, { reduction }: LossOptions = {}): Tensor {
  checkSameShape("mae", predictions, targets);
  return reduceLoss(abs(sub(predictions, targets)), reduction);
}

export interface HuberOptions extends LossOptions {
  /** Where the square turns into a line; 1 by default. */
  delta?: number;
}

/** (x − t)²/2 up to a distance δ, δ(|x − t| − δ/2) beyond, for predictions and targets of one shape. Huber 1964. */
export function huber(
  predictions: Tensor,
  targets: Tensor,
  { delta = 1, reduction }: HuberOptions = {},
): Tensor {
  checkSameShape("huber", predictions, targets);
  if (!(delta > 0)) throw new ValueError(`huber: delta is positive, got ${delta}`);
  const r = sub(predictions, targets);
  // c (r − c/2) with r cut to c: nothing is squared that is larger than δ.
  const c = clip(r, -delta, delta);
  return reduceLoss(mul(c, sub(r, mul(c, 0.5))), reduction);
}

/** max(0, 1 − t x) for labels t of ±1, of the predictions' shape. */
export function hinge(
  predictions: Tensor,
  targets: Tensor,
  { reduction }: LossOptions = {},
): Tensor {
  checkSameShape("hinge", predictions, targets);
  return reduceLoss(relu(sub(1, mul(predictions, targets))), reduction);
}

/** ln(1 + exp(−t z)) for labels t of ±1, of the logits' shape: logistic regression. */
export function logisticLoss(
  logits: Tensor,
  targets: Tensor,
  { reduction }: LossOptions = {},
): Tensor {
  checkSameShape("logisticLoss", logits, targets);
  return reduceLoss(softplus(neg(mul(logits, targets))), reduction);
}

export interface BceOptions extends LossOptions {
  /** How much more an example of class 1 counts; a tensor broadcasts. */
  positiveWeight?: number | Tensor;
}

/** −w t ln σ(z) − (1 − t) ln(1 − σ(z)), the binary cross-entropy of logits z and probabilities t of the same shape. */
export function bceWithLogits(
  logits: Tensor,
  targets: Tensor,
  { positiveWeight = 1, reduction }: BceOptions = {},
): Tensor {
  checkSameShape("bceWithLogits", logits, targets);
  // Both terms are positive, so nothing cancels.
  const positive = mul(mul(targets, softplus(neg(logits))), positiveWeight);
  const negative = mul(sub(1, targets), softplus(logits));
  return reduceLoss(add(positive, negative), reduction);
}
