import { apply, applyAll, withOp } from "../../graph/build.ts";
import type { CompositeOp, SeveralOp } from "../../graph/op.ts";
import { checkTensor, type Tensor } from "../../graph/tensor.ts";
import { abs, add, mul } from "../arithmetic.ts";
import { sum } from "../broadcast.ts";
import { cast } from "../cast.ts";
import { log } from "../exponential.ts";
import { prod } from "../reduce.ts";
import { sign } from "../rounding.ts";
import { cofactor } from "./cofactor.ts";
import { diagonal } from "./diagonal.ts";
import { inverse } from "./inverse.ts";
import { lu } from "./lu.ts";
import { checkSquare, transposed } from "./matrices.ts";

/** ⟨A, B⟩ of each two matrices. */
const innerOfEach = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), [-2, -1]);

/** The sign of the orders of a matrix's rows and columns, times a product over the pivots; 0 rather than −0. */
function signed(orders: Tensor, pivots: Tensor): Tensor {
  // −0 + 0 is 0; what a complex step adds to a singular matrix stays.
  return add(mul(cast(orders, pivots.dtype), prod(pivots, -1)), 0);
}

const detOp: CompositeOp = {
  kind: "composite",
  name: "det",
  infer([x]) {
    checkSquare("det", x);
    return { shape: x.shape.slice(0, -2), dtype: x.dtype };
  },
  // d det X = ⟨cof X, dX⟩.
  derivative: {
    kind: "differential",
    differential: ([dx], [x]) => innerOfEach(cofactor(x), dx!),
  },
  decompose([x]) {
    const [packed, , , orders] = lu(x);
    return signed(orders, diagonal(packed));
  },
  batch: ([x]) => apply(detOp, [x], {}),
};

/**
 * The determinant of each square matrix: [..., n, n] → [...], 1 for n = 0. By LU factors with complete pivoting. Its
 * differential is d det X = ⟨cof X, dX⟩ with cof X = det(X) X⁻ᵀ, which is right, and finite, where X is singular, and so
 * are second derivatives; further ones are for regular X.
 * @param x float32 [..., n, n]
 * @returns float32 [...]
 * @throws ShapeError where X is not square
 * @throws DtypeError where x is not float32
 */
export const det = withOp((x: Tensor): Tensor => {
  checkTensor("det", x);
  return apply(detOp, [x], {});
}, detOp);

const logDetOp: SeveralOp = {
  kind: "composite",
  several: true,
  name: "logDet",
  infer([x]) {
    checkSquare("logDet", x);
    const number = { shape: x.shape.slice(0, -2), dtype: x.dtype };
    return [number, number];
  },
  // d ln |det X| = ⟨X⁻ᵀ, dX⟩; the sign is constant where X is regular.
  derivative: {
    kind: "differential",
    differential: ([dx], [x]) => [
      mul(sum(dx!, [-2, -1]), 0),
      innerOfEach(transposed(inverse(x)), dx!),
    ],
  },
  decompose([x]) {
    const [packed, , , orders] = lu(x);
    const pivots = diagonal(packed);
    return [signed(orders, sign(pivots)), sum(log(abs(pivots)), -1)];
  },
  batch: ([x]) => applyAll(logDetOp, [x], {}),
};

/**
 * The determinant of each square matrix as its sign, −1, 0 or 1, and the logarithm of its absolute value, which doesn't
 * overflow: [..., n, n] → two of [...]; 0 and −∞ where X is singular. d ln |det X| = ⟨X⁻ᵀ, dX⟩, and the sign has the
 * derivative 0.
 * @param x float32 [..., n, n]
 * @returns the signs and the logarithms, float32 [...]
 * @throws ShapeError where X is not square
 * @throws DtypeError where x is not float32
 */
export const logDet = withOp((x: Tensor): [sign: Tensor, logAbs: Tensor] => {
  checkTensor("logDet", x);
  const [signs, logAbs] = applyAll(logDetOp, [x], {});
  return [signs, logAbs];
}, logDetOp);
