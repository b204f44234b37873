import { isFloat } from "../../base/dtype.ts";
import { DtypeError, ShapeError } from "../../base/errors.ts";
import { broadcastShapes, canBroadcast, show, type Shape } from "../../base/shape.ts";
import type { TensorLike } from "../../graph/build.ts";
import type { Spec } from "../../graph/op.ts";
import { checkTensor, type Tensor } from "../../graph/tensor.ts";
import { reshape, transpose } from "../movement.ts";
import { operandsOf } from "../operands.ts";

// What the functions of matrices ask of their operands: matrices are the last two axes, those before them a batch.

/** Throws a ShapeError where x has no two axes for rows and columns. */
export function checkMatrix(op: string, x: Tensor): void {
  checkTensor(op, x);
  if (x.rank < 2) {
    throw new ShapeError(
      `${op}: takes matrices, the last two axes of a tensor, got ${show(x.shape)}`,
    );
  }
}

/** Throws a ShapeError where x holds no square matrices, and a DtypeError where these are not of floats. */
export function checkSquare(op: string, { shape, dtype }: Spec): void {
  const [rows, columns] = shape.slice(-2);
  if (shape.length < 2 || rows !== columns) {
    throw new ShapeError(
      `${op}: takes square matrices, the last two axes of a tensor, got ${show(shape)}`,
    );
  }
  checkFloats(op, dtype);
}

/** Throws a DtypeError for what is no float. */
function checkFloats(op: string, dtype: Spec["dtype"]): void {
  if (isFloat(dtype)) return;
  throw new DtypeError(`${op}: takes float32, got ${dtype}; cast it, as in x.cast("float32")`);
}

/** Operands as tensors of one dtype, which are numbers. */
export function numbersOf(op: string, values: readonly TensorLike[]): Tensor[] {
  const tensors = operandsOf(op, values);
  if (tensors.some((x) => x.dtype === "bool")) {
    throw new DtypeError(`${op}: takes numbers, got bool; cast it, as in x.cast("float32")`);
  }
  return tensors;
}

/** The batch of two operands, each of which has `own` axes behind those of its batch; throws where they don't broadcast. */
export function batchOf(op: string, a: Shape, b: Shape, own: readonly [number, number]): Shape {
  const [before, beside] = [a.slice(0, a.length - own[0]), b.slice(0, b.length - own[1])];
  if (!canBroadcast(before, beside)) {
    throw new ShapeError(
      `${op}: the axes of the batches do not broadcast: ${show(a)} and ${show(b)}`,
    );
  }
  return broadcastShapes(op, before, beside);
}

/** Each matrix transposed. */
export function transposed(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

/** The shape of the solutions of linear systems. */
export const solutionShape = (op: string, a: Spec, b: Spec): Shape => [
  ...batchOf(op, a.shape, b.shape, [2, 2]),
  ...b.shape.slice(-2),
];

/** Solves for columns, of which a vector is one; throws where matrices and right sides don't fit. */
export function solveFor(
  op: string,
  a: Tensor,
  b: TensorLike,
  solve: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  checkTensor(op, a);
  const [x, y] = operandsOf(op, [a, b]);
  checkSquare(op, x);
  const n = x.shape[x.rank - 1];
  if (y.shape.at(y.rank === 1 ? -1 : -2) !== n) {
    throw new ShapeError(
      `${op}: matrices ${show(x.shape)} take right sides with ${n} rows, got ${show(y.shape)}`,
    );
  }
  if (y.rank > 1) return solve(x, y);
  const columns = solve(x, reshape(y, [n, 1]));
  return reshape(columns, columns.shape.slice(0, -1));
}

/** Operands of a batch rule, those that are mapped with the new axis in front of all others of the batch. */
export function batchedOperands(inputs: readonly Tensor[], mapped: readonly boolean[]): Tensor[] {
  const own = inputs.map((x, i) => x.rank - Number(mapped[i]));
  const most = Math.max(...own);
  return inputs.map((x, i) => {
    if (!mapped[i]) return x;
    const ones = new Array<number>(most - own[i]).fill(1);
    return reshape(x, [x.shape[0], ...ones, ...x.shape.slice(1)]);
  });
}
