import { sizeOf } from "../../base/shape.ts";
import { apply, withOp, type TensorLike } from "../../graph/build.ts";
import type { CompositeOp } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { neg } from "../arithmetic.ts";
import { broadcastTo, sumTo } from "../broadcast.ts";
import { matmul } from "../matmul.ts";
import { inverted, lu, takeRows } from "./lu.ts";
import { batchedOperands, solutionShape, solveFor } from "./matrices.ts";
import { triangularSolve } from "./triangular-solve.ts";

interface SolveAttrs {
  transpose: boolean;
}

const solveOp: CompositeOp<SolveAttrs> = {
  kind: "composite",
  name: "solve",
  infer: ([a, b]) => ({ shape: solutionShape("solve", a, b), dtype: b.dtype }),
  // X = A⁻¹B: dX = A⁻¹(dB − dA X), so B̄ = A⁻ᵀX̄ and Ā = −B̄Xᵀ; of Aᵀ instead of A, Ā = −XB̄ᵀ.
  derivative: {
    kind: "pullback",
    pull(g, [a, b], { transpose }) {
      const x = apply(solveOp, [a, b], { transpose });
      const db = apply(solveOp, [a, g], { transpose: !transpose });
      const da = transpose
        ? matmul(x, db, { transposeB: true })
        : matmul(db, x, { transposeB: true });
      return [sumTo(neg(da), a.shape), sumTo(db, b.shape)];
    },
  },
  decompose: ([a, b], { transpose }) => solveByFactors(a, b, transpose),
  batch: (inputs, mapped, attrs) => apply(solveOp, batchedOperands(inputs, mapped), attrs),
};

/** A⁻¹B, or A⁻ᵀB. A is as PᵀLUQᵀ, with P and Q for the orders of rows and columns: A⁻¹ = QU⁻¹L⁻¹P. */
export function solveByFactors(a: Tensor, b: Tensor, transpose: boolean): Tensor {
  const shape = solutionShape("solve", a, b);
  if (sizeOf(shape) === 0) return broadcastTo(b, shape);
  const [packed, rows, columns] = lu(a);
  const right = broadcastTo(b, shape);
  const lower = { unitDiagonal: true, transpose };
  const upper = { upper: true, transpose };
  if (transpose) {
    const y = triangularSolve(packed, takeRows(right, columns), upper);
    return takeRows(triangularSolve(packed, y, lower), inverted(rows));
  }
  const y = triangularSolve(packed, takeRows(right, rows), lower);
  return takeRows(triangularSolve(packed, y, upper), inverted(columns));
}

/**
 * The solutions X of AX = B: [..., n, n] and [..., n, m] → [..., n, m]; the axes before them broadcast. b of rank 1 is
 * a vector, and so is x then. By LU factors with complete pivoting; where A is singular, X has infinities or NaN. Its
 * differential is dX = A⁻¹(dB − dA X).
 * @param a float32 [..., n, n]
 * @param b float32 [..., n, m], or [n]
 * @returns float32 [..., n, m], or [..., n] where b is a vector
 * @throws ShapeError where A is not square, or B has another number of rows
 * @throws DtypeError where an operand is not float32
 */
export const solve = withOp(
  (a: Tensor, b: TensorLike): Tensor =>
    solveFor("solve", a, b, (x, y) => apply(solveOp, [x, y], { transpose: false })),
  solveOp,
);
