import { ShapeError } from "../../base/errors.ts";
import { checkNumber } from "../../base/check-number.ts";
import { checkShape, show, sizeOf } from "../../base/shape.ts";
import { checkTensor, type Tensor } from "../../graph/tensor.ts";
import { sum } from "../broadcast.ts";
import { reshape } from "../movement.ts";
import { pad, slice } from "../slice.ts";
import { checkMatrix, numbersOf } from "./matrices.ts";

// In row-major order, the elements of a diagonal of a matrix with n columns are n + 1 apart: it moves, nothing is computed.

/** Throws where an offset of a diagonal is not a whole number. */
export const checkOffset = (op: string, k: number): void =>
  checkNumber(`${op}: the offset k`, k, "a whole number", Number.isInteger);

/**
 * The k-th diagonal of each matrix, xᵢ,ᵢ₊ₖ: [..., m, n] → [..., length]. It lies above the main diagonal where k > 0,
 * below it where k < 0, and has length 0 outside of the matrix. Takes every dtype; a ShapeError below rank 2.
 * @param x any dtype [..., m, n]
 * @param k which diagonal: 0 the main one, above it positive, below it negative
 * @returns [..., the length of the diagonal]
 * @throws ShapeError where x is no matrix
 * @throws ValueError where k is no whole number
 */
export function diagonal(x: Tensor, k = 0): Tensor {
  checkMatrix("diagonal", x);
  checkOffset("diagonal", k);
  return takeDiagonal(x, k);
}

function takeDiagonal(x: Tensor, k: number): Tensor {
  const batch = x.shape.slice(0, -2);
  const [m, n] = x.shape.slice(-2);
  const length = Math.max(0, Math.min(m + Math.min(k, 0), n - Math.max(k, 0)));
  const first = k < 0 ? -k * n : k;
  const zeros = batch.map(() => 0);
  return slice(
    reshape(x, [...batch, m * n]),
    [...zeros, first],
    [...batch, length === 0 ? first : first + (length - 1) * (n + 1) + 1],
    [...batch.map(() => 1), n + 1],
  );
}

/**
 * Matrices with x on their k-th diagonal and zeros elsewhere: [..., n] → [..., n + |k|, n + |k|]. It only makes
 * matrices; `diagonal` takes from them. Takes every dtype; a ShapeError where x is a scalar.
 * @param x any dtype [..., n]
 * @param k which diagonal: 0 the main one, above it positive, below it negative
 * @returns [..., n + |k|, n + |k|], zeros elsewhere
 * @throws ShapeError where x is a scalar
 * @throws ValueError where k is no whole number
 */
export function diag(x: Tensor, k = 0): Tensor {
  checkTensor("diag", x);
  checkOffset("diag", k);
  if (x.rank === 0) {
    throw new ShapeError(`diag: takes diagonals, the last axis of a tensor, got ${show(x.shape)}`);
  }
  const batch = x.shape.slice(0, -1);
  const count = x.shape[x.rank - 1];
  const n = count + Math.abs(k);
  const shape = checkShape("diag", [...batch, n, n]);
  const examples = sizeOf(batch);
  const none = [0, 0];
  // n zeros behind each element, then the zeros before the first and behind the last; those beyond the matrix are cut.
  const apart = pad(reshape(x, [examples, count, 1]), [none, none, [0, n]]);
  const first = k < 0 ? -k * n : k;
  const last = Math.max(0, n * n - first - count * (n + 1));
  const flat = pad(reshape(apart, [examples, count * (n + 1)]), [none, [first, last]]);
  return reshape(slice(flat, [0, 0], [examples, n * n]), shape);
}

/**
 * tr X = Σ xᵢᵢ of each matrix: [..., m, n] → [...].
 * @param x numbers [..., m, n]
 * @returns [...]
 * @throws ShapeError where x is no matrix
 * @throws DtypeError where x is bool
 */
export function trace(x: Tensor): Tensor {
  checkMatrix("trace", x);
  const [y] = numbersOf("trace", [x]);
  return sum(takeDiagonal(y, 0), -1);
}
