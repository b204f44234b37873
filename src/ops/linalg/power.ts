import { checkNumber } from "../../base/check-number.ts";
import { unchanged } from "../../graph/identity.ts";
import { checkTensor, type Tensor } from "../../graph/tensor.ts";
import { broadcastTo } from "../broadcast.ts";
import { eye } from "../create.ts";
import { matmul } from "../matmul.ts";
import { inverse } from "./inverse.ts";
import { checkSquare } from "./matrices.ts";

/**
 * Xᵏ of each square matrix for a whole number k: [..., n, n] → [..., n, n], the unit matrix for k = 0, and the power of
 * the inverse for k < 0. By squaring, in 2 log₂ |k| matrix products at most.
 * @param x float32 [..., n, n]
 * @returns float32, of the shape of x
 * @throws ShapeError where X is not square
 * @throws DtypeError where x is not float32
 * @throws ValueError where k is no whole number
 * @param k a whole number; 0 and negative ones too
 */
export function matrixPower(x: Tensor, k: number): Tensor {
  checkTensor("matrixPower", x);
  checkSquare("matrixPower", x);
  checkNumber("matrixPower: the power", k, "a whole number", Number.isInteger);
  if (k === 0) return broadcastTo(eye(x.shape.at(-1)!), x.shape);
  return positivePower(k < 0 ? inverse(x) : x, Math.abs(k));
}

function positivePower(x: Tensor, k: number): Tensor {
  if (k === 1) return unchanged(x);
  const half = positivePower(matmul(x, x), Math.floor(k / 2));
  return k % 2 === 0 ? half : matmul(half, x);
}
