import { checkShape } from "../../base/shape.ts";
import { scalar } from "../../graph/build.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { sub } from "../arithmetic.ts";
import { greaterEqual, lessEqual, where } from "../compare.ts";
import { iota } from "../iota.ts";
import { checkOffset } from "./diagonal.ts";
import { checkMatrix } from "./matrices.ts";

/** Each matrix where the column is so far right of the row, 0 elsewhere. */
function triangle(op: string, x: Tensor, k: number, holds: typeof lessEqual): Tensor {
  checkMatrix(op, x);
  checkOffset(op, k);
  const [m, n] = checkShape(op, x.shape).slice(-2);
  const right = sub(iota([n]), iota([m, 1]));
  return where(holds(right, k), x, scalar(0, x.dtype));
}

/**
 * The lower triangle of each matrix: xᵢⱼ where j − i ≤ k, 0 elsewhere, whatever is there; of x's shape. Takes every
 * dtype; a ShapeError below rank 2.
 * @param x any dtype [..., m, n]
 * @param k the highest diagonal that is kept, 0 by default
 * @returns of the shape and dtype of x
 * @throws ShapeError where x is no matrix
 * @throws ValueError where k is no whole number
 */
export const tril = (x: Tensor, k = 0): Tensor => triangle("tril", x, k, lessEqual);

/**
 * The upper triangle of each matrix: xᵢⱼ where j − i ≥ k, 0 elsewhere, whatever is there; of x's shape. Takes every
 * dtype; a ShapeError below rank 2.
 * @param x any dtype [..., m, n]
 * @param k the lowest diagonal that is kept, 0 by default
 * @returns of the shape and dtype of x
 * @throws ShapeError where x is no matrix
 * @throws ValueError where k is no whole number
 */
export const triu = (x: Tensor, k = 0): Tensor => triangle("triu", x, k, greaterEqual);
