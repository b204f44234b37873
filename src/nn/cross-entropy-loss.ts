import { checkInstance } from "../base/describe-value.ts";
import { isInteger } from "../base/dtype.ts";
import { checkOptions } from "../base/options.ts";
import { normalizeAxis } from "../base/shape.ts";
import { Tensor } from "../graph/tensor.ts";
import { div } from "../ops/arithmetic.ts";
import { sum } from "../ops/broadcast.ts";
import { cast } from "../ops/cast.ts";
import { notEqual, where } from "../ops/compare.ts";
import { checkTargets, crossEntropy, weightOf } from "../ops/cross-entropy.ts";
import { checkIndices, checkLabels } from "../ops/index-range.ts";
import { expandDims, transpose } from "../ops/movement.ts";
import { checkReduction, reduceLoss, type LossOptions } from "./loss-reduction.ts";

const NAME = "softmaxCrossEntropy";

/** How `nn.softmaxCrossEntropy` takes its targets, and combines rows. */
export interface CrossEntropyOptions extends LossOptions {
  /** The part of each target that is spread evenly over the classes; 0 by default. Szegedy et al. 2016. */
  labelSmoothing?: number;
  /** The axis of the logits that counts the classes, the last by default. */
  axis?: number;
  /** How much each class counts, [C]; a mean over class indices is weighted too. */
  classWeights?: Tensor;
  /**
   * Rows with this label count for nothing, in the mean neither: those of padding, say. Where all rows have it the mean is
   * NaN, of nothing, and its gradient 0.
   */
  ignoreLabel?: number;
}

/**
 * −Σ t ln softmax(z) over the classes, safe for logits of any size. Targets are class indices (integers, of the logits'
 * shape without the axis of the classes) or probabilities (of the logits' shape).
 *
 * A label that is neither one of the classes nor `ignoreLabel` is a ValueError where the host knows it; where only the
 * device does, it counts as the nearest class.
 * @param logits float32 [..., C]
 * @param targets class indices, int32 or uint32 [...], or probabilities, float32 [..., C]
 * @param options smoothing, weights of the classes, and the reduction, "mean" by default
 * @returns a scalar; [...] where the reduction is "none"
 * @throws ShapeError where targets or weights do not fit the logits, or there are no classes
 * @throws DtypeError where logits are not float32, targets neither integers nor float32, or `ignoreLabel` is none of their
 *   dtype: probabilities have no labels
 * @throws ValueError where the host knows a label to be outside of the classes, or an option is out of range
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  checkOptions(NAME, options, [
    "reduction",
    "labelSmoothing",
    "axis",
    "classWeights",
    "ignoreLabel",
  ]);
  const { labelSmoothing = 0, axis = -1, reduction = "mean", classWeights, ignoreLabel } = options;
  checkReduction(NAME, reduction);
  if (classWeights !== undefined) {
    checkInstance(NAME, classWeights, Tensor, "classWeights, a tensor");
  }
  checkInstance(NAME, logits, Tensor);
  checkInstance(NAME, targets, Tensor);
  const z = withLast(logits, axis);
  const t = isInteger(targets.dtype) ? targets : withLast(targets, axis);
  return classWeights || ignoreLabel !== undefined
    ? weightedLoss(z, t, options)
    : reduceLoss(crossEntropy(z, t, labelSmoothing), reduction);
}

/** The same where the classes or the rows do not count alike. */
function weightedLoss(z: Tensor, targets: Tensor, options: CrossEntropyOptions): Tensor {
  const { labelSmoothing = 0, reduction = "mean", classWeights, ignoreLabel } = options;
  const classes = z.shape.at(-1) ?? 0;
  let counted: Tensor | null = null;
  if (ignoreLabel !== undefined) {
    checkIndices(NAME, targets);
    counted = notEqual(targets, ignoreLabel);
  }
  if (!isInteger(targets.dtype)) {
    return reduceLoss(crossEntropy(z, targets, labelSmoothing, classWeights), reduction);
  }
  const labels = counted ? where(counted, targets, 0) : targets;
  checkTargets(z, targets);
  // Logits that do not count are 0: their gradient would be 0 · NaN where they are infinite or NaN.
  const logits = counted ? where(expandDims(counted, -1), z, 0) : z;
  const [losses, weights] = [
    crossEntropy(logits, labels, labelSmoothing, classWeights),
    classWeights ? weightOf(labels, classWeights) : cast(counted!, "float32"),
  ].map((x) => (counted ? where(counted, x, 0) : x));
  checkLabels(NAME, targets, classes, ignoreLabel);
  return reduction === "mean" ? div(sum(losses), sum(weights)) : reduceLoss(losses, reduction);
}

/** x with an axis moved to the end. */
function withLast(x: Tensor, axis: number): Tensor {
  if (x.rank === 0) return x;
  const a = normalizeAxis(NAME, axis, x.shape);
  const others = x.shape.map((_, i) => i).filter((i) => i !== a);
  return transpose(x, others.concat(a));
}
