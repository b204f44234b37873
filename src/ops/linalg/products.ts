import { ShapeError } from "../../base/errors.ts";
import { checkShape, sameShape, show, sizeOf } from "../../base/shape.ts";
import type { TensorLike } from "../../graph/build.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { mul } from "../arithmetic.ts";
import { broadcastTo, sum } from "../broadcast.ts";
import { expandDims, reshape } from "../movement.ts";
import { batchOf, numbersOf } from "./matrices.ts";

/**
 * ⟨A, B⟩ = Σ aᵢⱼ bᵢⱼ, the inner product over all axes of two tensors of equal shape (not NumPy's, which is over the
 * last one); a scalar.
 * @param a numbers, or a number
 * @param b numbers, of the shape of a
 * @returns a scalar
 * @throws ShapeError where the shapes differ
 * @throws DtypeError where an operand is bool, or the two do not mix
 */
export function inner(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = numbersOf("inner", [a, b]);
  if (!sameShape(x.shape, y.shape)) {
    throw new ShapeError(`inner: the shapes ${show(x.shape)} and ${show(y.shape)} differ`);
  }
  return sum(mul(x, y));
}

/**
 * a bᵀ, the products of all elements of two vectors, the last axes of a and b: [..., m] and [..., n] → [..., m, n]. The
 * axes before them broadcast.
 * @param a numbers [..., m]
 * @param b numbers [..., n]
 * @returns [..., m, n]
 * @throws ShapeError where one is a scalar, or other axes do not broadcast
 * @throws DtypeError where an operand is bool, or the two do not mix
 */
export function outer(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = numbersOf("outer", [a, b]);
  if (x.rank === 0 || y.rank === 0) {
    throw new ShapeError(
      `outer: takes vectors, the last axes of tensors, got ${show(x.shape)} and ${show(y.shape)}`,
    );
  }
  const batch = batchOf("outer", x.shape, y.shape, [1, 1]);
  checkShape("outer", [...batch, x.shape[x.rank - 1], y.shape[y.rank - 1]]);
  return mul(expandDims(x, -1), expandDims(y, -2));
}

/**
 * The Kronecker product A ⊗ B of matrices, the blocks aᵢⱼB: [..., m, n] and [..., p, q] → [..., mp, nq]. The axes
 * before them broadcast. A vector is a row, as in NumPy, and two vectors make a vector.
 * @param a numbers [..., m, n]; a vector is one row
 * @param b numbers [..., p, q]; a vector is one row
 * @returns [..., mp, nq]
 * @throws ShapeError where other axes do not broadcast
 * @throws DtypeError where an operand is bool, or the two do not mix
 */
export function kron(a: TensorLike, b: TensorLike): Tensor {
  const [x, y] = numbersOf("kron", [a, b]);
  const rank = Math.max(x.rank, y.rank);
  const [left, right] = [asMatrix(x), asMatrix(y)];
  const batch = batchOf("kron", left.shape, right.shape, [2, 2]);
  const [[m, n], [p, q]] = [left.shape.slice(-2), right.shape.slice(-2)];
  const shape = checkShape("kron", [...batch, m * p, n * q]);
  // The batch as one axis, so that the rank never grows beyond what there can be.
  const count = sizeOf(batch);
  const rows = reshape(broadcastTo(left, [...batch, m, n]), [count, m, 1, n, 1]);
  const blocks = reshape(broadcastTo(right, [...batch, p, q]), [count, 1, p, 1, q]);
  return reshape(mul(rows, blocks), rank < 2 ? shape.slice(2 - rank) : shape);
}

/** A scalar or vector as a matrix of one row. */
const asMatrix = (x: Tensor): Tensor => (x.rank < 2 ? reshape(x, [1, x.size]) : x);
