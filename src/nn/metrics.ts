import { checkInstance } from "../base/describe-value.ts";
import { isFloat } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { sameShape, show } from "../base/shape.ts";
import { Tensor } from "../graph/tensor.ts";
import { cast } from "../ops/cast.ts";
import { equal } from "../ops/compare.ts";
import { argMax } from "../ops/reduce.ts";
import { mean } from "../ops/statistics.ts";

/**
 * The fraction of rows whose greatest logit, along the last axis, is that of the label, a scalar. Labels are class indices (the
 * logits' shape without its last axis) or probabilities (the logits' shape).
 */
export function accuracy(logits: Tensor, labels: Tensor): Tensor {
  checkInstance("accuracy", labels, Tensor);
  const predicted = argMax(logits, -1);
  const probabilities = isFloat(labels.dtype) && sameShape(labels.shape, logits.shape);
  const wanted = probabilities ? argMax(labels, -1) : labels;
  if (!sameShape(wanted.shape, predicted.shape)) {
    throw new ShapeError(
      `accuracy: logits ${show(logits.shape)} take labels ${show(predicted.shape)} or probabilities, ` +
        `got ${labels.dtype} ${show(labels.shape)}`,
    );
  }
  return mean(cast(equal(cast(predicted, "float32"), cast(wanted, "float32")), "float32"));
}
