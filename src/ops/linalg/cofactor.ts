import { apply, withOp } from "../../graph/build.ts";
import type { CompositeOp } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { div, mul, neg } from "../arithmetic.ts";
import { broadcastTo, sum } from "../broadcast.ts";
import { cast } from "../cast.ts";
import { equal, logicalOr, where } from "../compare.ts";
import { eye } from "../create.ts";
import { iota } from "../iota.ts";
import { matmul } from "../matmul.ts";
import { expandDims, reshape } from "../movement.ts";
import { prod } from "../reduce.ts";
import { diagonal } from "./diagonal.ts";
import { inverted, lu, takeRows } from "./lu.ts";
import { checkSquare, transposed } from "./matrices.ts";
import { triangularSolve } from "./triangular-solve.ts";

const cofactorOp: CompositeOp = {
  kind: "composite",
  name: "cofactor",
  infer([x]) {
    checkSquare("cofactor", x);
    return { shape: x.shape, dtype: x.dtype };
  },
  // Where D changes by M = R dX S, the cofactor i of D changes by Σⱼ Wᵢⱼ Mⱼⱼ, and what is beside the diagonal is −Wᵢⱼ Mⱼᵢ
  // for the product W of the other pivots. Nothing is divided by a pivot, so that is right at every rank.
  derivative: {
    kind: "differential",
    differential([dx], [x]) {
      if (x.size === 0) return dx!;
      const { left, right, pivots, sign } = factorsOf(x);
      const n = x.shape.at(-1)!;
      const [i, j, k] = [iota([n, 1, 1]), iota([n, 1]), iota([n])];
      const isPair = logicalOr(equal(k, i), equal(k, j));
      const others = prod(where(isPair, 1, expandDims(expandDims(pivots, -2), -2)), -1);
      const isDiagonal = equal(j, k);
      const pairs = where(isDiagonal, 0, others);
      const change = matmul(matmul(left, dx!), right);
      const along = sum(mul(pairs, expandDims(diagonal(change), -2)), -1, { keepDims: true });
      const beside = neg(mul(pairs, transposed(change)));
      return outward(where(isDiagonal, along, beside), left, right, sign);
    },
  },
  decompose([x]) {
    if (x.size === 0) return x;
    const { left, right, pivots, sign } = factorsOf(x);
    const n = x.shape.at(-1)!;
    const isSame = equal(iota([n, 1]), iota([n]));
    const others = prod(where(isSame, 1, expandDims(pivots, -2)), -1);
    return outward(where(isSame, expandDims(others, -1), 0), left, right, sign);
  },
  batch: ([x]) => apply(cofactorOp, [x], {}),
};

/** What there is of X = R⁻¹ D S⁻¹ with the pivots on the diagonal of D. */
interface Diagonalised {
  /** R = L⁻¹P. */
  left: Tensor;
  /** S = Q G⁻¹, where U = D G. */
  right: Tensor;
  pivots: Tensor;
  /** det(R) det(S), which is 1 or −1: [..., 1, 1]. */
  sign: Tensor;
}

/** From X = PᵀLUQᵀ. With complete pivoting no element of L or G is above 1, and rows of U with a pivot of 0 are 0. */
function factorsOf(x: Tensor): Diagonalised {
  const n = x.shape.at(-1)!;
  const [packed, rows, columns, sign] = lu(x);
  const pivots = diagonal(packed);
  const unit = broadcastTo(eye(n), x.shape);
  const left = triangularSolve(packed, takeRows(unit, rows), { unitDiagonal: true });
  const scaled = div(packed, expandDims(where(equal(pivots, 0), 1, pivots), -1));
  const inner = triangularSolve(scaled, unit, { upper: true, unitDiagonal: true });
  const right = takeRows(inner, inverted(columns));
  return { left, right, pivots, sign: reshape(cast(sign, x.dtype), [...sign.shape, 1, 1]) };
}

/** ± Rᵀ K Sᵀ: of the cofactors K of D those of X, since cof(AB) = cof(A) cof(B). */
const outward = (k: Tensor, left: Tensor, right: Tensor, sign: Tensor): Tensor =>
  mul(matmul(matmul(left, k, { transposeA: true }), right, { transposeB: true }), sign);

/** cof X = det(X) X⁻ᵀ of each square matrix, the gradient of its determinant; finite where X is singular. */
export const cofactor = withOp((x: Tensor): Tensor => apply(cofactorOp, [x], {}), cofactorOp);
