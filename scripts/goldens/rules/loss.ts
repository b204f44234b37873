import { nn, type Tensor } from "cotangent";
import type { Case } from "../format.ts";
import type { Rule, Rules } from "./rule.ts";

interface Reduction {
  reduction: nn.Reduction;
}

function reduced(x: Tensor, { reduction }: Reduction): Tensor {
  if (reduction === "none") return x;
  return reduction === "mean" ? x.mean() : x.sum();
}

/** A loss of predictions x and targets t, element by element. */
const pointwise =
  (loss: (x: Tensor, t: Tensor) => Tensor): Rule =>
  ({ x, t }, attrs: Reduction) =>
    reduced(loss(x, t), attrs);

/** The constant that a name ends with (huber_0.5). */
const constantOf = ({ op }: Case): number => Number(op.slice(op.lastIndexOf("_") + 1));

interface CrossEntropy extends Reduction {
  label_smoothing?: number;
  ignore_index?: number;
}

/** Losses, each with its reduction. */
export const loss: Rules = {
  bce: pointwise((x, t) =>
    t
      .mul(x.log())
      .add(t.neg().add(1).mul(x.neg().add(1).log()))
      .neg(),
  ),
  bce_logits: ({ x, t }, { reduction }: Reduction) => nn.bceWithLogits(x, t, { reduction }),
  bce_logits_extreme: ({ x, t }, { reduction }: Reduction) => nn.bceWithLogits(x, t, { reduction }),
  bce_logits_posw: ({ x, t }, { reduction }: Reduction, { note }) =>
    nn.bceWithLogits(x, t, { reduction, positiveWeight: Number(/[\d.]+/.exec(note)?.[0]) }),
  cosine_sim: ({ x, t }, attrs: Reduction) => {
    const lengths = x.norm(-1).mul(t.norm(-1)).maximum(1e-8);
    return reduced(x.mul(t).sum(-1).div(lengths), attrs);
  },
  cross_entropy: ({ x, target, weight }, attrs: CrossEntropy) =>
    nn.softmaxCrossEntropy(x, target, {
      reduction: attrs.reduction,
      labelSmoothing: attrs.label_smoothing,
      classWeights: weight,
      ignoreLabel: attrs.ignore_index,
    }),
  cross_entropy_nd: ({ x, target }, { reduction }: Reduction) =>
    nn.softmaxCrossEntropy(x, target, { reduction, axis: 1 }),
  cross_entropy_soft: ({ x, p }, { reduction }: Reduction) =>
    nn.softmaxCrossEntropy(x, p, { reduction }),
  gaussian_nll: pointwise((x, t) => x.neg().exp().mul(t.square()).add(x).mul(0.5)),
  hinge: ({ x, t }, { reduction }: Reduction) => nn.hinge(x, t, { reduction }),
  huber: ({ x, t }, { reduction }: Reduction, c) =>
    nn.huber(x, t, { reduction, delta: constantOf(c) }),
  kl: ({ x, t }, attrs: Reduction) => {
    const losses = t.mul(t.log().sub(x.logSoftmax(-1)));
    // PyTorch's "batchmean".
    return attrs.reduction === "mean" ? losses.sum().div(x.shape[0]) : reduced(losses, attrs);
  },
  l1: ({ x, t }, { reduction }: Reduction) => nn.mae(x, t, { reduction }),
  log_softmax: ({ x }, { axis }: { axis: number }) => x.logSoftmax(axis),
  logistic_regression: ({ x, w, b, target }) => nn.softmaxCrossEntropy(x.matmul(w).add(b), target),
  mse: ({ x, t }, { reduction }: Reduction) => nn.mse(x, t, { reduction }),
  nll_loss: ({ x, target }, { reduction }: Reduction) =>
    nn.softmaxCrossEntropy(x, target, { reduction }),
  poisson_nll: pointwise((x, t) => x.exp().sub(t.mul(x))),
  smooth_l1: ({ x, t }, { reduction }: Reduction, c) =>
    nn.huber(x, t, { reduction, delta: constantOf(c) }).div(constantOf(c)),
  soft_margin: ({ x, t }, { reduction }: Reduction) => nn.logisticLoss(x, t, { reduction }),
  softmax: ({ x }, { axis = -1 }: { axis?: number }, { note }) =>
    x.mul(Number(/softmax\((\d+) x\)/.exec(note)?.[1] ?? 1)).softmax(axis),
  softmax_extreme: ({ x }, { axis }: { axis: number }) => x.softmax(axis),
};
