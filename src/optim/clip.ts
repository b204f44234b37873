import { checkNumber } from "../base/check-number.ts";
import { checkInstance } from "../base/describe-value.ts";
import { ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkList } from "../base/shape.ts";
import { Tensor } from "../graph/tensor.ts";
import { abs, add, div, maximum, minimum, mul } from "../ops/arithmetic.ts";
import { sum } from "../ops/broadcast.ts";
import { tensor } from "../ops/create.ts";
import { jointNorm } from "../ops/norm.ts";
import { clip } from "../ops/piecewise.ts";
import { max } from "../ops/reduce.ts";

/**
 * Every element clipped to [−limit, limit].
 * @param gradients float32, of any shapes
 * @param limit a positive number
 * @returns as many tensors of the same shapes
 * @throws ValueError where the limit is not positive
 */
export function clipByValue(gradients: readonly Tensor[], limit: number): Tensor[] {
  checkList("clipByValue", "gradients are a list", gradients);
  checkNumber("clipByValue: the limit", limit, "a positive number", (value) => value > 0);
  return gradients.map((g) => clip(g, -limit, limit));
}

/** Which norm. */
export interface GlobalNormOptions {
  /** 2 for √Σ g², 1 for Σ |g|, Infinity for max |g|. */
  order?: number;
}

/**
 * The norm of all of them as one vector.
 * @param gradients float32, of any shapes
 * @param options which norm
 * @returns a float32 scalar
 * @throws ValueError where there is no such norm, or there are no gradients
 * @throws DtypeError where a tensor is not float32
 */
export const globalNorm = (gradients: readonly Tensor[], options: GlobalNormOptions = {}): Tensor =>
  normOf("globalNorm", gradients, options);

/** The same for the function of the user's that `name` names. */
function normOf(name: string, gradients: readonly Tensor[], options: GlobalNormOptions): Tensor {
  checkOptions(name, options, ["order"]);
  checkList(name, "gradients are a list", gradients);
  for (const g of gradients) checkInstance(name, g, Tensor);
  if (gradients.length === 0) throw new ValueError(`${name}: there are no gradients`);
  const { order = 2 } = options;
  switch (order) {
    case 1:
      return gradients.map((g) => sum(abs(g))).reduce((a, b) => add(a, b));
    case 2:
      return jointNorm(gradients);
    case Infinity:
      // An empty one has no greatest element, and adds nothing.
      return gradients
        .filter((g) => g.size > 0)
        .reduce((norm, g) => maximum(norm, max(abs(g))), tensor(0));
    default:
      throw new ValueError(`${name}: order is 1, 2 or Infinity, got ${order}`);
  }
}

/**
 * g · min(1, maxNorm/(norm + 10⁻⁶)), with the norm of all of them as one vector: PyTorch's clip_grad_norm_.
 * @param gradients float32, of any shapes
 * @param maxNorm a positive number
 * @param options which norm
 * @returns as many tensors of the same shapes
 * @throws ValueError where maxNorm is not positive, there is no such norm, or there are no gradients
 * @throws DtypeError where a tensor is not float32
 */
export function clipByGlobalNorm(
  gradients: readonly Tensor[],
  maxNorm: number,
  options: GlobalNormOptions = {},
): Tensor[] {
  checkNumber("clipByGlobalNorm: maxNorm", maxNorm, "a positive number", (value) => value > 0);
  return scaledToNorm(gradients, normOf("clipByGlobalNorm", gradients, options), maxNorm);
}

/** The same by a norm that is known. */
export function scaledToNorm(
  gradients: readonly Tensor[],
  norm: Tensor,
  maxNorm: number,
): Tensor[] {
  const scale = minimum(div(maxNorm, add(norm, 1e-6)), 1);
  return gradients.map((g) => mul(g, scale));
}
