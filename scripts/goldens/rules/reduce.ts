import * as ct from "cotangent";
import type { Tensor } from "cotangent";
import type { Rule, Rules } from "./rule.ts";

interface Axes {
  axes: number[];
  keepdims?: boolean;
}

type Reduction = (x: Tensor, axes: number[], options: { keepDims: boolean }) => Tensor;

const over =
  (reduction: Reduction): Rule =>
  ({ x }, { axes, keepdims = false }: Axes) =>
    reduction(x, axes, { keepDims: keepdims });

interface Axis {
  axis: number;
  keepdims?: boolean;
}

/** Reductions over some axes. */
export const reduce: Rules = {
  any_all: ({ x }, { axis }: Axis) => ({ any: x.any(axis), all: x.all(axis) }),
  argmax: ({ x }, { axis, keepdims }: Axis) => x.argMax(axis, { keepDims: keepdims }),
  argmin: ({ x }, { axis, keepdims }: Axis) => x.argMin(axis, { keepDims: keepdims }),
  cumprod: ({ x }, { axis }: Axis) => ct.cumProd(x, axis),
  cumsum: ({ x }, { axis }: Axis) => ct.cumSum(x, axis),
  logsumexp: ({ x }, { axis, axes, keepdims = false }: Partial<Axes & Axis>) =>
    x.logSumExp(axes ?? axis, { keepDims: keepdims }),
  max: over((x, axes, options) => x.max(axes, options)),
  max_ties: over((x, axes, options) => x.max(axes, options)),
  mean: over((x, axes, options) => x.mean(axes, options)),
  min: over((x, axes, options) => x.min(axes, options)),
  norm1: over((x, axes, options) => x.norm(axes, { ...options, order: 1 })),
  norm2: over((x, axes, options) => x.norm(axes, options)),
  prod: over((x, axes, options) => x.prod(axes, options)),
  prod_zeros: over((x, axes, options) => x.prod(axes, options)),
  sort: ({ x }, { axis, descending }: Axis & { descending: boolean }) => ({
    values: ct.sort(x, axis, { descending }),
    indices: ct.argSort(x, axis, { descending }),
  }),
  std0: over((x, axes, options) => x.std(axes, options)),
  std1: over((x, axes, options) => x.std(axes, { ...options, correction: 1 })),
  stress_sum: ({ x }, { axis }: Axis) => ({
    sum: x.sum(axis),
    mean: x.mean(axis),
    var0: x.variance(axis),
  }),
  sum: over((x, axes, options) => x.sum(axes, options)),
  sumsq: over((x, axes, options) => x.square().sum(axes, options)),
  topk: ({ x }, { k, axis, largest }: Axis & { k: number; largest: boolean }) => {
    const [values, indices] = ct.topK(x, k, { axis, largest });
    return { values, indices };
  },
  var0: over((x, axes, options) => x.variance(axes, options)),
  var1: over((x, axes, options) => x.variance(axes, { ...options, correction: 1 })),
};
