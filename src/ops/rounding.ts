import { isFloat } from "../base/dtype.ts";
import { call, constant, infix, select, type Scalar } from "../graph/scalar.ts";
import { binary, unary } from "./elementwise.ts";

// Piecewise constant functions: their derivatives are zero, also where they jump.

/** The largest integer ≤ x. */
export const floor = unary({
  name: "floor",
  takes: "float",
  real: (x) => Math.floor(x),
  scalar: "floor",
  partials: () => [0],
});

/** The smallest integer ≥ x. */
export const ceil = unary({
  name: "ceil",
  takes: "float",
  real: (x) => Math.ceil(x),
  scalar: "ceil",
  partials: () => [0],
});

/** x without its fraction. */
export const trunc = unary({
  name: "trunc",
  takes: "float",
  real: (x) => Math.trunc(x),
  scalar: "trunc",
  partials: () => [0],
});

/** The nearest integer, the even one of two. */
export const round = unary({
  name: "round",
  takes: "float",
  real: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  scalar: "round",
  partials: () => [0],
});

/**
 * −1, 0 or 1 as x is negative, zero or positive.
 * @param x float32, int32 or uint32, of any shape, or a number
 */
export const sign = unary({
  name: "sign",
  takes: "number",
  real: (x) => Math.sign(x),
  scalar: ([x]) => {
    if (x.dtype === "uint32") return call("min", x, 1);
    return call(isFloat(x.dtype) ? "signf" : "sign", x);
  },
  partials: () => [0],
});

/**
 * ⌊a/b⌋, exactly; an integer over 0 is 0.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 */
export const floorDivide = binary({
  name: "floorDivide",
  takes: "number",
  real: floorQuotient,
  integer: (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
  scalar: ([a, b]) => {
    if (isFloat(a.dtype)) return call("floorDivf", a, b);
    const { divisor, rest, below } = integerDivision(a, b);
    const quotient = infix(infix(infix(a, "-", rest), "/", divisor), "-", below);
    return select(quotient, 0, infix(b, "==", 0));
  },
  partials: () => [0, 0],
});

/** From the exact remainder, for a/b may round up to an integer. */
function floorQuotient(a: number, b: number): number {
  if (b === 0) return a / b;
  const rest = a % b;
  const quotient = Math.round((a - rest) / b);
  return rest !== 0 && rest < 0 !== b < 0 ? quotient - 1 : quotient;
}

/**
 * Parts of a division of integers: the divisor (1 instead of 0), the remainder of division toward zero, and 1 where
 * rounding down goes one further.
 */
export function integerDivision(a: Scalar, b: Scalar) {
  const divisor = select(b, 1, infix(b, "==", 0));
  const rest = infix(a, "%", divisor);
  const signsDiffer = infix(infix(rest, "<", 0), "!=", infix(b, "<", 0));
  const isBelow = infix(infix(rest, "!=", 0), "&", signsDiffer);
  const below = select(constant(0, a.dtype), 1, isBelow);
  return { divisor, rest, below };
}

// Exponents of which neither a power of two nor its reciprocal is taken for 0.
const LEAST_EXPONENT = -126;
const GREATEST_EXPONENT = 126;

/** The greatest power of two that is no larger than |x|, within 2⁻¹²⁶ and 2¹²⁶: multiplying by it does not round. */
export const binade = unary({
  name: "binade",
  takes: "float",
  real: (x) => {
    const exponent = Number.isNaN(x) ? GREATEST_EXPONENT : Math.floor(Math.log2(Math.abs(x)));
    return 2 ** Math.min(Math.max(exponent, LEAST_EXPONENT), GREATEST_EXPONENT);
  },
  scalar: "binade",
  partials: () => [0],
});

/**
 * x, of which compilers of shaders can't know: some change the order of products, or of quotients, on the way of which
 * numbers then overflow or vanish, and round a product and the sum that it is part of at once.
 */
export const opaque = unary({
  name: "opaque",
  takes: "float",
  real: (x) => x,
  complex: () => (z) => z,
  scalar: "opaque",
  partials: () => [1],
});

/** a + b, and 0 where that is infinite or NaN; for what does not depend on where it is, so that its derivative is 0. */
export const anchor = binary({
  name: "anchor",
  takes: "float",
  real: (a, b) => (Number.isFinite(a + b) ? a + b : 0),
  scalar: ([a, b]) => {
    const x = infix(a, "+", b);
    return select(x, 0, infix(call("isNan", x), "|", call("isInf", x)));
  },
  partials: () => [0, 0],
});
