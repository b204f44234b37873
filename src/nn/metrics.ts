import { checkInstance } from "../base/describe-value.ts";
import { isFloat } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { sameShape, show } from "../base/shape.ts";
import { Tensor } from "../graph/tensor.ts";
import { cast } from "../ops/cast.ts";
import { equal } from "../ops/compare.ts";
import { checkIndices, checkLabels } from "../ops/index-range.ts";
import { argMax } from "../ops/reduce.ts";
import { mean } from "../ops/statistics.ts";

/**
 * The fraction of rows whose greatest logit, along the last axis, is that of the label, a scalar. Labels are class indices (the
 * logits' shape without its last axis) or probabilities (the logits' shape). A label outside of the classes is a
 * ValueError where the host knows it. A row with a NaN counts as one of the class in which the first NaN is, as argMax
 * has it: label 0 where all are NaN.
 * @param logits float32 [..., C]
 * @param labels int32 or uint32 [...], or float32 [..., C]
 * @returns a float32 scalar from 0 to 1
 * @throws ShapeError where the labels do not fit the logits, or there are no classes
 * @throws DtypeError where labels are neither integers nor probabilities
 * @throws ValueError where the host knows a label to be outside of the classes
 */
export function accuracy(logits: Tensor, labels: Tensor): Tensor {
  checkInstance("accuracy", labels, Tensor);
  checkInstance("accuracy", logits, Tensor);
  if (logits.rank === 0 || logits.shape.at(-1) === 0) {
    throw new ShapeError(`accuracy: logits ${show(logits.shape)} have no classes on a last axis`);
  }
  const predicted = argMax(logits, -1);
  const probabilities = isFloat(labels.dtype) && sameShape(labels.shape, logits.shape);
  const wanted = probabilities ? argMax(labels, -1) : labels;
  if (!sameShape(wanted.shape, predicted.shape)) {
    throw new ShapeError(
      `accuracy: logits ${show(logits.shape)} take labels ${show(predicted.shape)} or probabilities, ` +
        `got ${labels.dtype} ${show(labels.shape)}`,
    );
  }
  if (!probabilities) {
    checkIndices("accuracy", labels);
    checkLabels("accuracy", labels, logits.shape.at(-1)!);
  }
  return mean(cast(equal(cast(predicted, "float32"), cast(wanted, "float32")), "float32"));
}
