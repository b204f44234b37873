import { apply, withOp } from "../../graph/build.ts";
import type { CompositeOp } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { add, mul, sub } from "../arithmetic.ts";
import { broadcastTo, sum } from "../broadcast.ts";
import { cast } from "../cast.ts";
import { equal, where } from "../compare.ts";
import { eye } from "../create.ts";
import { iota } from "../iota.ts";
import { matmul } from "../matmul.ts";
import { expandDims, reshape } from "../movement.ts";
import { prod } from "../reduce.ts";
import { diagonal } from "./diagonal.ts";
import { inverse } from "./inverse.ts";
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
  // C = det(X) X⁻ᵀ, so dC = ⟨C, dX⟩ X⁻ᵀ − C dXᵀ X⁻ᵀ, where X is regular.
  derivative: {
    kind: "differential",
    differential([dx], [x], c) {
      const across = transposed(inverse(x));
      const slope = sum(mul(c, dx!), [-2, -1], { keepDims: true });
      return sub(mul(slope, across), matmul(matmul(c, transposed(dx!)), across));
    },
  },
  decompose: ([x]) => transposed(adjugate(x)),
  batch: ([x]) => apply(cofactorOp, [x], {}),
};

/**
 * adj X, for which adj(X) X = det(X) I, and which is finite where X is singular. It takes products in reverse order, and
 * makes of an order of rows its inverse, times its sign: of X = PᵀLUQᵀ it is ± Q adj(U) L⁻¹P, where
 *   U = (V u)    adj U = det V (δV⁻¹ −V⁻¹u) = det V (V u)⁻¹ (δI 0)
 *       (0 δ)                  (  0     1 )         (0 1)   ( 0 1)
 * With complete pivoting δ is the first pivot to be 0. If there is a 0 in V too, the rank is below n − 1 and adj X is 0.
 */
function adjugate(x: Tensor): Tensor {
  if (x.size === 0) return x;
  const n = x.shape.at(-1)!;
  const [packed, rows, columns, sign] = lu(x);
  const isLast = equal(iota([n]), n - 1);
  const pivots = diagonal(packed);
  const minor = asMatrices(mul(cast(sign, x.dtype), prod(where(isLast, 1, pivots), -1)));
  const delta = asMatrices(sum(where(isLast, pivots, 0), -1));
  const order = takeRows(broadcastTo(eye(n), x.shape), rows);
  const y = triangularSolve(packed, order, { unitDiagonal: true });
  const bordered = where(equal(add(iota([n, 1]), iota([n])), 2 * n - 2), 1, packed);
  const scaled = where(expandDims(isLast, 1), y, mul(delta, y));
  const found = takeRows(triangularSolve(bordered, scaled, { upper: true }), inverted(columns));
  return where(equal(minor, 0), 0, mul(minor, found));
}

/** A number for each matrix, as matrices of one element. */
const asMatrices = (x: Tensor): Tensor => reshape(x, [...x.shape, 1, 1]);

/** cof X = det(X) X⁻ᵀ of each square matrix, the gradient of its determinant; finite where X is singular. */
export const cofactor = withOp((x: Tensor): Tensor => apply(cofactorOp, [x], {}), cofactorOp);
