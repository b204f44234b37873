import { checkNumber } from "../base/check-number.ts";
import { hostArray, isFloat, isInteger } from "../base/dtype.ts";
import { DtypeError, ShapeError } from "../base/errors.ts";
import { sameShape, show, sizeOf } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { CompositeOp, Spec } from "../graph/op.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { cast } from "./cast.ts";
import { equal, where } from "./compare.ts";
import { checkLabels, clipIndex } from "./index-range.ts";
import { iota } from "./iota.ts";
import { expandDims } from "./movement.ts";
import { inLogarithms, softmax } from "./softmax.ts";

interface CrossEntropyAttrs {
  /** How much of each target is spread evenly over the classes. */
  smoothing: number;
}

const NAME = "softmaxCrossEntropy";

/** Throws for logits and targets of which there is no cross-entropy. */
export function checkTargets(logits: Spec, targets: Spec): void {
  if (!isFloat(logits.dtype)) {
    throw new DtypeError(`${NAME}: logits are float32, got ${logits.dtype}; cast them`);
  }
  if (logits.shape.length === 0 || logits.shape.at(-1) === 0) {
    throw new ShapeError(`${NAME}: logits ${show(logits.shape)} have no classes on a last axis`);
  }
  const rows = logits.shape.slice(0, -1);
  if (isFloat(targets.dtype) && sameShape(targets.shape, logits.shape)) return;
  if (!sameShape(targets.shape, rows)) {
    throw new ShapeError(
      `${NAME}: logits ${show(logits.shape)} take class indices ${show(rows)} or probabilities ` +
        `${show(logits.shape)}, got ${targets.dtype} targets ${show(targets.shape)}`,
    );
  }
  if (!isInteger(targets.dtype)) {
    throw new DtypeError(
      `${NAME}: class indices are int32 or uint32, got ${targets.dtype} ${show(targets.shape)}; ` +
        'cast them, as in labels.cast("int32")',
    );
  }
}

/** Whether the class along the last axis is the label of the row. */
const hits = (labels: Tensor, classes: number) =>
  equal(iota([classes]), expandDims(clipIndex(labels, classes), labels.rank));

/** What each row is held against: the probabilities, or 1 at the label, smoothed. */
function distribution(targets: Tensor, classes: number, smoothing: number): Tensor {
  const t = isInteger(targets.dtype) ? cast(hits(targets, classes), "float32") : targets;
  return smoothing === 0 ? t : add(mul(t, 1 - smoothing), smoothing / classes);
}

const op: CompositeOp<CrossEntropyAttrs> = {
  kind: "composite",
  name: NAME,
  infer([logits, targets]) {
    checkTargets(logits, targets);
    return { shape: logits.shape.slice(0, -1), dtype: logits.dtype };
  },
  // With p = softmax z: dL = Σ (p Σt − t) dz + Σ (1 − s)(ln Σ exp z − z) dt, where Σt = 1 for a label.
  derivative: {
    kind: "differential",
    differential([dz, dt], [z, targets], _, { smoothing }) {
      const t = distribution(targets, z.shape.at(-1)!, smoothing);
      const p = softmax(z);
      const total = isInteger(targets.dtype) ? p : mul(p, sum(t, -1, { keepDims: true }));
      const byLogits = dz && sum(mul(sub(total, t), dz), -1);
      const byTargets = dt && sum(mul(mul(surprise(z), 1 - smoothing), dt), -1);
      return byLogits && byTargets ? add(byLogits, byTargets) : (byLogits ?? byTargets)!;
    },
  },
  // L = Σ t (ln Σ exp z − z)
  decompose([z, targets], { smoothing }) {
    const classes = z.shape.at(-1)!;
    const t = surprise(z);
    // By selection, so that the infinite surprise of another class has no effect.
    return isInteger(targets.dtype) && smoothing === 0
      ? sum(where(hits(targets, classes), t, 0), -1)
      : sum(mul(distribution(targets, classes, smoothing), t), -1);
  },
  cpu([z, targets], [{ shape }, spec], { smoothing }) {
    const classes = shape.at(-1)!;
    const y = hostArray("float32", sizeOf(shape.slice(0, -1)));
    for (let i = 0; i < y.length; i++) {
      const row = Float64Array.from({ length: classes }, (_, c) => z[i * classes + c]);
      const m = row.reduce((a, b) => Math.max(a, b), -Infinity);
      const logSum = Math.log(row.reduce((s, v) => s + Math.exp(v - m), 0));
      const label = Math.min(Math.max(targets[i], 0), classes - 1);
      row.forEach((v, c) => {
        const given = isInteger(spec.dtype) ? Number(c === label) : targets[i * classes + c];
        const t = (1 - smoothing) * given + smoothing / classes;
        // A class that cannot be and is not wanted costs nothing, by label; for probabilities 0 · ∞ is NaN.
        if (t !== 0 || !isInteger(spec.dtype)) y[i] += t * (logSum - (v - m));
      });
    }
    return y;
  },
};

/** −ln softmax z. */
function surprise(z: Tensor): Tensor {
  const [centred, total] = inLogarithms(z, -1);
  return sub(total, centred);
}

/**
 * The cross-entropy −Σ t ln softmax z of each row of logits [..., C] and its targets: class indices [...], integers, or
 * probabilities [..., C]. `smoothing` spreads that part of each target evenly over the classes (Szegedy et al. 2016), and
 * then class c counts `weights[c]` times, where weights [C] are given.
 * Labels outside of 0 … C − 1 are a ValueError where the host knows them, otherwise the nearest class.
 * @param logits float32 [..., C]
 * @param targets int32 or uint32 [...], or float32 [..., C]
 * @param smoothing from 0 to 1, by default 0
 * @param weights float32 [C]
 * @returns the loss of each row, float32 [...]
 * @throws ShapeError where the targets or the weights do not fit the logits, or there are no classes
 * @throws DtypeError where logits are not float32, or targets neither integers nor float32
 * @throws ValueError where the host knows a label to be outside of the classes, or the smoothing is out of range
 */
export const crossEntropy = withOp(
  (logits: Tensor, targets: Tensor, smoothing = 0, weights?: Tensor): Tensor => {
    const fits = (value: number) => value >= 0 && value <= 1;
    checkNumber(`${NAME}: labelSmoothing`, smoothing, "between 0 and 1", fits);
    if (weights) return weighted(logits, targets, smoothing, weights);
    const y = apply(op, [logits, targets], { smoothing } satisfies CrossEntropyAttrs);
    if (isInteger(targets.dtype)) checkLabels(NAME, targets, logits.shape.at(-1)!);
    return y;
  },
  op,
);

function weighted(logits: Tensor, targets: Tensor, smoothing: number, weights: Tensor): Tensor {
  checkTensor(NAME, logits);
  checkTensor(NAME, targets);
  checkTensor(NAME, weights);
  const classes = logits.shape.at(-1) ?? 0;
  if (!sameShape(weights.shape, [classes])) {
    throw new ShapeError(`${NAME}: classWeights ${show(weights.shape)} for ${classes} classes`);
  }
  if (isInteger(targets.dtype)) {
    // Other classes have no part in the loss, whose surprise may be infinite.
    if (smoothing === 0) return mul(crossEntropy(logits, targets), weightOf(targets, weights));
    checkLabels(NAME, targets, classes);
  }
  const t = mul(distribution(targets, classes, smoothing), weights);
  return apply(op, [logits, t], { smoothing: 0 } satisfies CrossEntropyAttrs);
}

/** How much the class of each label counts. */
export const weightOf = (labels: Tensor, weights: Tensor): Tensor =>
  sum(where(hits(labels, weights.size), weights, 0), -1);
