import { apply, withOp, type TensorLike } from "../graph/build.ts";
import type { MapOp } from "../graph/op.ts";
import { call, infix, select } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { cube, div, mul, neg, add, reciprocal, rsqrt, sqrt, square, sub } from "./arithmetic.ts";
import { equal, greaterEqual, logicalAnd, where } from "./compare.ts";
import { binary, elementwise, outputDtype, unary } from "./elementwise.ts";
import { operandsOf } from "./operands.ts";
import { sech } from "./trigonometric.ts";

/** eˣ. */
export const exp = unary({
  name: "exp",
  takes: "float",
  real: (x) => Math.exp(x),
  complex: (C) => C.exp,
  scalar: "expf",
  expensive: true,
  partials: (_, y) => [y],
});

/** 2ˣ. */
export const exp2 = unary({
  name: "exp2",
  takes: "float",
  real: (x) => 2 ** x,
  complex: (C) => (z) => C.scale(2 ** z.re, C.exp(C.complex(0, z.im * Math.LN2))),
  scalar: "exp2f",
  expensive: true,
  partials: (_, y) => [mul(y, Math.LN2)],
});

/** eˣ − 1, also for x near 0. */
export const expm1 = unary({
  name: "expm1",
  takes: "float",
  real: (x) => Math.expm1(x),
  complex: (C) => C.expm1,
  scalar: "expm1",
  expensive: true,
  partials: ([x]) => [exp(x)],
});

/** The natural logarithm. */
export const log = unary({
  name: "log",
  takes: "float",
  real: (x) => Math.log(x),
  complex: (C) => C.log,
  scalar: "logf",
  expensive: true,
  partials: ([x]) => [reciprocal(x)],
});

/** The logarithm to base 2. */
export const log2 = unary({
  name: "log2",
  takes: "float",
  real: (x) => Math.log2(x),
  complex: (C) => (z) => C.scale(Math.LOG2E, C.log(z)),
  scalar: "log2f",
  expensive: true,
  partials: ([x]) => [div(Math.LOG2E, x)],
});

/** The logarithm to base 10. */
export const log10 = unary({
  name: "log10",
  takes: "float",
  real: (x) => Math.log10(x),
  complex: (C) => (z) => C.scale(Math.LOG10E, C.log(z)),
  scalar: ([x]) => infix(call("logf", x), "*", Math.LOG10E),
  expensive: true,
  partials: ([x]) => [div(Math.LOG10E, x)],
});

/** log(1 + x), also for x near 0. */
export const log1p = unary({
  name: "log1p",
  takes: "float",
  real: (x) => Math.log1p(x),
  complex: (C) => C.log1p,
  scalar: "log1p",
  expensive: true,
  partials: ([x]) => [reciprocal(add(x, 1))],
});

/** Math.pow, but 1 to any power and ±1 to an infinite one are 1, as in C. */
function realPower(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

const powOp = elementwise<[number, number], object>({
  name: "pow",
  takes: "float",
  real: realPower,
  complex: (C) => C.pow,
  scalar: "powf",
  expensive: true,
  // ∂/∂a = b a^(b−1), but 0 at 0⁰; ∂/∂b = aᵇ log a, but 0 at a = 0 for b ≥ 0.
  partials: ([a, b], y) => {
    const zero = equal(a, 0);
    const flat = logicalAnd(zero, equal(b, 0));
    const lower = apply(powOp, [a, where(flat, 1, sub(b, 1))], {});
    return [mul(b, lower), mul(y, log(where(logicalAnd(zero, greaterEqual(b, 0)), 1, a)))];
  },
});

interface PowerAttrs {
  exponent: number;
}

const powerOp: MapOp<PowerAttrs> = elementwise<[number], PowerAttrs>({
  name: "power",
  takes: "float",
  real: (x, { exponent }) => realPower(x, exponent),
  complex:
    (C) =>
    (z, { exponent }) =>
      C.pow(z, C.complex(exponent)),
  scalar: ([x], { exponent }) => call("powf", x, exponent),
  expensive: true,
  partials: ([x], _, { exponent }) => [exponent === 0 ? 0 : mul(power(x, exponent - 1), exponent)],
});

/** xᵇ for a constant b. */
export const power = withOp((x: TensorLike, exponent: number): Tensor => {
  const [base] = operandsOf("pow", [x]);
  // What some have costs less.
  const own = {
    [-1]: reciprocal,
    [-0.5]: rsqrt,
    0.5: sqrt,
    1: (y: Tensor) => mul(y, 1),
    2: square,
    3: cube,
  }[exponent];
  // The others are products.
  if (!own || exponent < 1) outputDtype("pow", "float", base.dtype);
  return own ? own(base) : apply(powerOp, [base], { exponent } satisfies PowerAttrs);
}, powerOp);

/**
 * aᵇ; NaN for a negative a unless b is an integer. The derivatives at a = 0 are those from the right.
 * @param a float32, or a number; integers too where b is 1, 2 or 3
 * @param b float32 of a shape that broadcasts with that of a, or a number, which costs less
 * @returns of the shape to which a and b broadcast, of a's dtype
 * @throws DtypeError where an operand has another dtype
 * @throws ShapeError where the shapes do not broadcast
 */
export const pow = withOp(
  (a: TensorLike, b: TensorLike): Tensor =>
    typeof b === "number" ? power(a, b) : apply(powOp, operandsOf("pow", [a, b]), {}),
  powOp,
);

/** log(eᵃ + eᵇ), without overflow. Its gradients where both are −∞ are NaN, as PyTorch has them. */
export const logAddExp = binary({
  name: "logAddExp",
  takes: "float",
  real: (a, b) =>
    a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))),
  complex: (C) => C.logAddExp,
  // Equal ones apart, for ∞ − ∞ is NaN.
  scalar: ([a, b]) => {
    const less = call("-", call("abs", infix(a, "-", b)));
    const apart = infix(call("maximumf", a, b), "+", call("softplusf", less));
    return select(apart, infix(a, "+", Math.LN2), infix(a, "==", b));
  },
  expensive: true,
  partials: ([a, b]) => [sigmoid(sub(a, b)), sigmoid(sub(b, a))],
});

/**
 * a log b, and 0 where a is 0, whatever number b is: a term of an entropy, of a cross-entropy or of a likelihood. Where
 * both are 0 the gradient by b is 0, and that by a is −∞.
 * @param a float32, or a number
 * @param b float32 of a shape that broadcasts with that of a, or a number
 */
export const xlogy = binary({
  name: "xlogy",
  takes: "float",
  real: (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y)),
  complex: (C) => (x, y) =>
    x.re === 0 && x.im === 0 && !Number.isNaN(y.re) ? C.complex(0) : C.mul(x, C.log(y)),
  scalar: ([x, y]) => {
    const isNothing = infix(infix(x, "==", 0), "&", call("!", call("isNan", y)));
    return select(infix(x, "*", call("logf", y)), 0, isNothing);
  },
  expensive: true,
  // ∂/∂y = x/y, and 0 at the origin, where 0 log y is flat.
  partials: ([x, y]) => [log(y), div(x, where(logicalAnd(equal(x, 0), equal(y, 0)), 1, y))],
});

/** 1/(1 + e⁻ˣ). */
export const sigmoid = unary({
  name: "sigmoid",
  takes: "float",
  real: (x, _, F) => F.sigmoid(x),
  complex: (C) => C.sigmoid,
  scalar: "sigmoidf",
  expensive: true,
  partials: ([x]) => [slopeOfSigmoid(x)],
});

/** The derivative of sigmoid: y (1 − y) = sech²(x/2)/4, which keeps its digits where 1 − y would cancel. */
function slopeOfSigmoid(x: Tensor): Tensor {
  return mul(square(sech(mul(x, 0.5))), 0.25);
}

/** The error function, 2/√π ∫₀ˣ exp(−t²) dt. */
export const erf = unary({
  name: "erf",
  takes: "float",
  real: (x, _, F) => F.erf(x),
  complex: (C) => C.erf,
  scalar: "erff",
  expensive: true,
  partials: ([x]) => [slopeOfErf(x)],
});

/** 1 − erf x, also where that is tiny. */
export const erfc = unary({
  name: "erfc",
  takes: "float",
  real: (x, _, F) => F.erfc(x),
  complex: (C) => C.erfc,
  scalar: "erfcf",
  expensive: true,
  partials: ([x]) => [neg(slopeOfErf(x))],
});

/** 2/√π exp(−x²), by the square of x/2, whose derivative is x: 2x could overflow. */
function slopeOfErf(x: Tensor): Tensor {
  return mul(exp(mul(square(mul(x, 0.5)), -4)), 2 / Math.sqrt(Math.PI));
}
