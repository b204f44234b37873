import { apply, withOp } from "../../graph/build.ts";
import type { CompositeOp } from "../../graph/op.ts";
import { checkTensor, type Tensor } from "../../graph/tensor.ts";
import { neg } from "../arithmetic.ts";
import { eye } from "../create.ts";
import { matmul } from "../matmul.ts";
import { checkSquare } from "./matrices.ts";
import { solveByFactors } from "./solve.ts";

const inverseOp: CompositeOp = {
  kind: "composite",
  name: "inverse",
  infer([x]) {
    checkSquare("inverse", x);
    return { shape: x.shape, dtype: x.dtype };
  },
  // X X⁻¹ = I, so dX X⁻¹ + X d(X⁻¹) = 0: d(X⁻¹) = −X⁻¹ dX X⁻¹.
  derivative: {
    kind: "differential",
    differential: ([dx], _, y) => neg(matmul(matmul(y, dx!), y)),
  },
  decompose: ([x]) => solveByFactors(x, eye(x.shape.at(-1)!), false),
  batch: ([x]) => apply(inverseOp, [x], {}),
};

/**
 * X⁻¹ of each square matrix: [..., n, n] → [..., n, n]. By LU factors with complete pivoting; of a singular matrix it
 * has infinities or NaN. Its differential is d(X⁻¹) = −X⁻¹ dX X⁻¹.
 * @param x float32 [..., n, n]
 * @returns float32, of the shape of x
 * @throws ShapeError where X is not square
 * @throws DtypeError where x is not float32
 */
export const inverse = withOp((x: Tensor): Tensor => {
  checkTensor("inverse", x);
  return apply(inverseOp, [x], {});
}, inverseOp);
