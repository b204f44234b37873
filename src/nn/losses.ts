import { ValueError } from "../base/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { softplus } from "../ops/activations.ts";
import { abs, add, mul, neg, squaredDifference, sub } from "../ops/arithmetic.ts";
import { clip, relu } from "../ops/piecewise.ts";
import { checkSameShape, reduceLoss, type LossOptions } from "./reduction.ts";

/** (x − t)². */
export function mse(predictions: Tensor, targets: Tensor, { reduction }: LossOptions = {}): Tensor {
  checkSameShape("mse", predictions, targets);
  return reduceLoss(squaredDifference(predictions, targets), reduction);
}

/** |x − t|. */
export function mae(predictions: Tensor, targets: Tensor, { reduction }: LossOptions = {}): Tensor {
  checkSameShape("mae", predictions, targets);
  return reduceLoss(abs(sub(predictions, targets)), reduction);
}

export interface HuberOptions extends LossOptions {
  /** Where the square turns into a line; 1 by default. */
  delta?: number;
}

/** (x − t)²/2 up to a distance δ, from there on δ(|x − t| − δ/2). Huber 1964. */
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

/** max(0, 1 − t x) for labels t of ±1. */
export function hinge(
  predictions: Tensor,
  targets: Tensor,
  { reduction }: LossOptions = {},
): Tensor {
  checkSameShape("hinge", predictions, targets);
  return reduceLoss(relu(sub(1, mul(predictions, targets))), reduction);
}

/** ln(1 + exp(−t z)) for labels t of ±1: logistic regression. */
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

/** −w t ln σ(z) − (1 − t) ln(1 − σ(z)), binary cross-entropy of logits with probabilities t. */
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
