import { ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkList } from "../base/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { abs, add, div, maximum, minimum, mul, sqrt, square } from "../ops/arithmetic.ts";
import { sum } from "../ops/broadcast.ts";
import { clip } from "../ops/piecewise.ts";
import { max } from "../ops/reduce.ts";

/** Every element clipped to [−limit, limit]. */
export const clipByValue = (gradients: readonly Tensor[], limit: number): Tensor[] =>
  gradients.map((g) => clip(g, -limit, limit));

export interface GlobalNormOptions {
  /** 2 for √Σ g², 1 for Σ |g|, Infinity for max |g|. */
  order?: number;
}

/** The norm of all of them as one vector. */
export function globalNorm(gradients: readonly Tensor[], options: GlobalNormOptions = {}): Tensor {
  checkOptions("globalNorm", options, ["order"]);
  checkList("globalNorm", "gradients are a list", gradients);
  if (gradients.length === 0) throw new ValueError("globalNorm: there are no gradients");
  const { order = 2 } = options;
  switch (order) {
    case 1:
      return gradients.map((g) => sum(abs(g))).reduce((a, b) => add(a, b));
    case 2:
      return sqrt(gradients.map((g) => sum(square(g))).reduce((a, b) => add(a, b)));
    case Infinity:
      return gradients.map((g) => max(abs(g))).reduce((a, b) => maximum(a, b));
    default:
      throw new ValueError(`globalNorm: order is 1, 2 or Infinity, got ${order}`);
  }
}

/** g · min(1, maxNorm/(norm + 10⁻⁶)), with the norm of all of them as one vector: PyTorch's clip_grad_norm_. */
export function clipByGlobalNorm(
  gradients: readonly Tensor[],
  maxNorm: number,
  options: GlobalNormOptions = {},
): Tensor[] {
  const scale = minimum(div(maxNorm, add(globalNorm(gradients, options), 1e-6)), 1);
  return gradients.map((g) => mul(g, scale));
}
