import { apply, withOp, type TensorLike } from "../graph/build.ts";
import type { MapOp } from "../graph/op.ts";
import { callAs, constant, infix } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, div, hypot, mul, neg, reciprocal, rsqrt, square, sub } from "./arithmetic.ts";
import { binary, elementwise, unary } from "./elementwise.ts";
import { operandsOf } from "./operands.ts";
import { opaque } from "./rounding.ts";

/** sin x. */
export const sin = unary({
  name: "sin",
  takes: "float",
  real: (x) => Math.sin(x),
  complex: (C) => C.sin,
  scalar: "sinf",
  expensive: true,
  partials: ([x]) => [cos(x)],
});

/** cos x. */
export const cos = unary({
  name: "cos",
  takes: "float",
  real: (x) => Math.cos(x),
  complex: (C) => C.cos,
  scalar: "cosf",
  expensive: true,
  partials: ([x]) => [neg(sin(x))],
});

/** tan x. */
export const tan = unary({
  name: "tan",
  takes: "float",
  real: (x) => Math.tan(x),
  complex: (C) => C.tan,
  scalar: "tanf",
  expensive: true,
  // 1 + tan² x
  partials: (_, y) => [add(square(y), 1)],
});

/** arcsin x; NaN outside of [−1, 1]. */
export const asin = unary({
  name: "asin",
  takes: "float",
  real: (x) => Math.asin(x),
  complex: (C) => C.asin,
  scalar: "asinf",
  expensive: true,
  partials: ([x]) => [slopeOfAsin(x)],
});

/** arccos x; NaN outside of [−1, 1]. */
export const acos = unary({
  name: "acos",
  takes: "float",
  real: (x) => Math.acos(x),
  complex: (C) => C.acos,
  scalar: "acosf",
  expensive: true,
  partials: ([x]) => [neg(slopeOfAsin(x))],
});

/** 1/√(1 − x²). */
function slopeOfAsin(x: Tensor): Tensor {
  return rsqrt(oneMinusSquare(x));
}

/** 1 − x², as a product in which nothing cancels near ±1; nor does it near 0 in −2x, which is not the product's derivative. */
export const oneMinusSquare = unary({
  name: "oneMinusSquare",
  takes: "float",
  real: (x) => (1 - x) * (1 + x),
  complex: (C) => (z) => C.sub(C.complex(1), C.square(z)),
  scalar: ([x]) => infix(infix(1, "-", x), "*", infix(1, "+", x)),
  partials: ([x]) => [mul(x, -2)],
});

/** arctan x. */
export const atan = unary({
  name: "atan",
  takes: "float",
  real: (x) => Math.atan(x),
  complex: (C) => C.atan,
  scalar: "atanf",
  expensive: true,
  // 1/(1 + x²) by the square of x/2, whose derivative is x: 2x could overflow
  partials: ([x]) => [mul(reciprocal(add(square(mul(x, 0.5)), 0.25)), 0.25)],
});

/**
 * The angle of the point (b, a), in [−π, π]: −π where b < 0 and a is −0. Its gradients at the origin are NaN, as PyTorch
 * has them.
 * @param a y: float32, or a number
 * @param b x: float32 of a shape that broadcasts with that of a, or a number
 */
export const atan2 = binary({
  name: "atan2",
  takes: "float",
  real: (y, x) => Math.atan2(y, x),
  complex: (C) => C.atan2,
  scalar: "atan2f",
  expensive: true,
  // (x, −y)/r², divided twice by r, whose square may overflow
  partials: ([y, x]) => {
    const r = hypot(x, y);
    return [div(opaque(div(x, r)), r), neg(div(opaque(div(y, r)), r))];
  },
});

/** (eˣ − e⁻ˣ)/2. */
export const sinh = unary({
  name: "sinh",
  takes: "float",
  real: (x) => Math.sinh(x),
  complex: (C) => C.sinh,
  scalar: "sinhf",
  expensive: true,
  partials: ([x]) => [cosh(x)],
});

/** (eˣ + e⁻ˣ)/2. */
export const cosh = unary({
  name: "cosh",
  takes: "float",
  real: (x) => Math.cosh(x),
  complex: (C) => C.cosh,
  scalar: "coshf",
  expensive: true,
  partials: ([x]) => [sinh(x)],
});

/** sinh x / cosh x. */
export const tanh = unary({
  name: "tanh",
  takes: "float",
  real: (x) => Math.tanh(x),
  complex: (C) => C.tanh,
  scalar: "tanhf",
  expensive: true,
  // sech² x, which keeps its digits where 1 − tanh² x would cancel
  partials: ([x]) => [square(sech(x))],
});

/** 1/cosh x. */
export const sech = unary({
  name: "sech",
  takes: "float",
  real: (x) => 1 / Math.cosh(x),
  complex: (C) => (z) => {
    // 2e/(1 + e²) for e = exp(−|x|): a complex cosh would overflow.
    const e = C.exp(z.re < 0 ? z : C.neg(z));
    return C.div(C.scale(2, e), C.add(C.complex(1), C.square(e)));
  },
  scalar: "sechf",
  expensive: true,
  partials: ([x], y) => [neg(mul(y, tanh(x)))],
});

/** The inverse of sinh: log(x + √(x² + 1)). */
export const asinh = unary({
  name: "asinh",
  takes: "float",
  real: (x) => Math.asinh(x),
  complex: (C) => C.asinh,
  scalar: "asinhf",
  expensive: true,
  // 1/√(x² + 1)
  partials: ([x]) => [reciprocal(hypot(x, 1))],
});

/** The inverse of cosh: log(x + √(x² − 1)); NaN below 1. */
export const acosh = unary({
  name: "acosh",
  takes: "float",
  real: (x) => Math.acosh(x),
  complex: (C) => C.acosh,
  scalar: "acoshf",
  expensive: true,
  // 1/√(x² − 1), NaN below 1 too
  partials: ([x]) => [mul(rsqrt(sub(x, 1)), rsqrt(add(x, 1)))],
});

/** The inverse of tanh: log((1 + x)/(1 − x))/2; NaN outside of [−1, 1]. */
export const atanh = unary({
  name: "atanh",
  takes: "float",
  real: (x) => Math.atanh(x),
  complex: (C) => C.atanh,
  scalar: "atanhf",
  expensive: true,
  // 1/(1 − x²)
  partials: ([x]) => [reciprocal(oneMinusSquare(x))],
});

/** sin(x)/x, and 1 at 0. */
export const sinc = unary({
  name: "sinc",
  takes: "float",
  real: (x, _, F) => F.sinc(x),
  complex: (C) => C.sinc,
  scalar: "sinc",
  expensive: true,
  partials: ([x]) => [sincDerivative(x, 1)],
});

interface SincAttrs {
  order: number;
}

const sincDerivativeOp: MapOp<SincAttrs> = elementwise<[number], SincAttrs>({
  name: "sincDerivative",
  takes: "float",
  real: (x, { order }, F) => F.sincDerivative(order, x),
  complex:
    (C) =>
    (z, { order }) =>
      C.sincDerivative(order, z),
  scalar: ([x], { order }) => callAs("float32", "sincDerivative", constant(order, "uint32"), x),
  expensive: true,
  partials: ([x], _, { order }) => [sincDerivative(x, order + 1)],
});

/** The derivative of sin(x)/x of any order. */
export const sincDerivative = withOp(
  (x: TensorLike, order: number): Tensor =>
    apply(sincDerivativeOp, operandsOf("sincDerivative", [x]), { order } satisfies SincAttrs),
  sincDerivativeOp,
);
