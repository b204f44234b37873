import type { Complex } from "../base/complex.ts";
import { isFloat } from "../base/dtype.ts";
import { apply, withOp, type TensorLike } from "../graph/build.ts";
import type { Attrs, MapOp } from "../graph/op.ts";
import { call, infix, select } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { equal, greater, less, where } from "./compare.ts";
import { binary, elementwise, unary } from "./elementwise.ts";
import { operandsOf } from "./operands.ts";
import { integerDivision, round, sign } from "./rounding.ts";

export { ceil, floor, floorDivide, round, sign, trunc } from "./rounding.ts";

const bits = (x: number) => x | 0;

/**
 * a + b.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 */
export const add = binary({
  name: "add",
  takes: "number",
  real: (a, b) => a + b,
  complex: (C) => C.add,
  scalar: "+",
  partials: () => [1, 1],
});

/**
 * a − b.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 */
export const sub = binary({
  name: "sub",
  takes: "number",
  real: (a, b) => a - b,
  complex: (C) => C.sub,
  scalar: "-",
  partials: () => [1, -1],
});

/**
 * a·b.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 */
export const mul = binary({
  name: "mul",
  takes: "number",
  real: (a, b) => a * b,
  integer: (a, b) => Math.imul(a, b),
  complex: (C) => C.mul,
  scalar: "*",
  partials: ([a, b]) => [b, a],
});

/** a/b, of floats; floorDivide divides integers. */
export const div = binary({
  name: "div",
  takes: "float",
  real: (a, b) => a / b,
  complex: (C) => C.div,
  scalar: "/",
  // ∂(a/b)/∂b = −(a/b)/b
  partials: ([, b], y) => [reciprocal(b), neg(div(y, b))],
});

/**
 * −x.
 * @param x float32, int32 or uint32, of any shape, or a number
 */
export const neg = unary({
  name: "neg",
  takes: "number",
  real: (x) => -x,
  integer: (x) => bits(-x),
  complex: (C) => C.neg,
  scalar: ([x]) => (x.dtype === "uint32" ? infix(0, "-", x) : call("-", x)),
  partials: () => [-1],
});

/** 1/x. */
export const reciprocal = unary({
  name: "reciprocal",
  takes: "float",
  real: (x) => 1 / x,
  complex: (C) => C.reciprocal,
  scalar: ([x]) => infix(1, "/", x),
  // −1/x² = −y²
  partials: (_, y) => [neg(square(y))],
});

/**
 * |x|; the derivative at 0 is 0.
 * @param x float32, int32 or uint32, of any shape, or a number
 */
export const abs = unary({
  name: "abs",
  takes: "number",
  real: (x) => Math.abs(x),
  complex: (C) => (z) => (z.re < 0 ? C.neg(z) : z),
  scalar: "abs",
  partials: ([x]) => [sign(x)],
});

/**
 * x².
 * @param x float32, int32 or uint32, of any shape, or a number
 */
export const square = unary({
  name: "square",
  takes: "number",
  real: (x) => x * x,
  integer: (x) => Math.imul(x, x),
  complex: (C) => C.square,
  scalar: ([x]) => infix(x, "*", x),
  partials: ([x]) => [mul(x, 2)],
});

/**
 * x³.
 * @param x float32, int32 or uint32, of any shape, or a number
 */
export const cube = unary({
  name: "cube",
  takes: "number",
  real: (x) => x * x * x,
  integer: (x) => Math.imul(Math.imul(x, x), x),
  complex: (C) => C.cube,
  scalar: ([x]) => infix(infix(x, "*", x), "*", x),
  // By 3 first: x² may be subnormal where 3x² is not.
  partials: ([x]) => [mul(mul(x, 3), x)],
});

/** √x. */
export const sqrt = unary({
  name: "sqrt",
  takes: "float",
  real: (x) => Math.sqrt(x),
  complex: (C) => C.sqrt,
  scalar: "sqrt",
  expensive: true,
  // 1/(2√x)
  partials: (_, y) => [div(0.5, y)],
});

/** 1/√x. */
export const rsqrt = unary({
  name: "rsqrt",
  takes: "float",
  real: (x) => 1 / Math.sqrt(x),
  complex: (C) => (z) => C.reciprocal(C.sqrt(z)),
  scalar: "inverseSqrt",
  expensive: true,
  // −x^(−3/2)/2
  partials: (_, y) => [mul(cube(y), -0.5)],
});

/**
 * How the better of a and b is differentiated: as that one, and half as each where they are equal. By selection, so that
 * nothing infinite passes the other.
 */
/* @__NO_SIDE_EFFECTS__ */
function ofBetter(better: typeof greater): MapOp["derivative"] {
  return {
    kind: "differential",
    differential([da, db], [a, b]) {
      const part = (dx: Tensor, isChosen: Tensor) =>
        where(equal(a, b), mul(dx, 0.5), where(isChosen, dx, 0));
      const first = da && part(da, better(a, b));
      const second = db && part(db, better(b, a));
      return first && second ? add(first, second) : (first ?? second)!;
    },
  };
}

/**
 * The larger of a and b; NaN if either is. Where they are equal, each has half of the derivative.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 */
export const maximum = binary({
  name: "maximum",
  takes: "number",
  real: (a, b) => Math.max(a, b),
  complex: () => (a, b) => (a.re >= b.re || Number.isNaN(a.re) ? a : b),
  scalar: ([a, b]) => call(isFloat(a.dtype) ? "maximumf" : "max", a, b),
  derivative: ofBetter(greater),
});

/**
 * The smaller of a and b; NaN if either is. Where they are equal, each has half of the derivative.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 */
export const minimum = binary({
  name: "minimum",
  takes: "number",
  real: (a, b) => Math.min(a, b),
  complex: () => (a, b) => (a.re <= b.re || Number.isNaN(a.re) ? a : b),
  scalar: ([a, b]) => call(isFloat(a.dtype) ? "minimumf" : "min", a, b),
  derivative: ofBetter(less),
});

/**
 * a − b ⌊a/b⌋, which has the sign of b, as in Python; an integer modulo 0 is 0.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 */
export const remainder = binary({
  name: "remainder",
  takes: "number",
  real: modulo,
  integer: (a, b) => (b === 0 ? 0 : modulo(a, b)),
  complex: () => (a, b) => lessMultiple(a, b, modulo(a.re, b.re)),
  scalar: ([a, b]) => {
    if (isFloat(a.dtype)) return call("remainderf", a, b);
    const { divisor, rest, below } = integerDivision(a, b);
    return infix(rest, "+", infix(below, "*", divisor));
  },
  // ∂/∂b = −⌊a/b⌋
  partials: ([a, b], y) => [1, round(div(sub(y, a), b))],
});

/**
 * a − b trunc(a/b), which has the sign of a, as in C; an integer modulo 0 is 0.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 */
export const fmod = binary({
  name: "fmod",
  takes: "number",
  real: (a, b) => a % b,
  integer: (a, b) => (b === 0 ? 0 : a % b),
  complex: () => (a, b) => lessMultiple(a, b, a.re % b.re),
  scalar: ([a, b]) => (isFloat(a.dtype) ? call("fmodf", a, b) : integerDivision(a, b).rest),
  // ∂/∂b = −trunc(a/b)
  partials: ([a, b], y) => [1, round(div(sub(y, a), b))],
});

function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** a − n b for the integer n that leaves `rest` of the real parts. */
function lessMultiple(a: Complex, b: Complex, rest: number): Complex {
  return { re: rest, im: a.im - Math.round((a.re - rest) / b.re) * b.im };
}

/** √(a² + b²), without overflow. Its gradients at (0, 0) are NaN, as PyTorch has them. */
export const hypot = binary({
  name: "hypot",
  takes: "float",
  real: (a, b) => Math.hypot(a, b),
  complex: (C) => (a, b) => C.sqrt(C.add(C.square(a), C.square(b))),
  // |a| √(1 + (b/a)²) for the larger of the two
  scalar: ([a, b]) => {
    const sizes = [call("abs", a), call("abs", b)];
    const large = call("maximumf", ...sizes);
    const small = call("minimumf", ...sizes);
    const ratio = call("quotient", small, large);
    const scaled = infix(large, "*", call("sqrt", infix(1, "+", infix(ratio, "*", ratio))));
    const finite = select(scaled, large, infix(small, "==", 0));
    return select(finite, Infinity, infix(call("isInf", a), "|", call("isInf", b)));
  },
  expensive: true,
  partials: ([a, b], y) => [div(a, y), div(b, y)],
});

/**
 * (a − b)².
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 */
export const squaredDifference = binary({
  name: "squaredDifference",
  takes: "number",
  real: (a, b) => (a - b) ** 2,
  integer: (a, b) => Math.imul(a - b, a - b),
  complex: (C) => (a, b) => C.square(C.sub(a, b)),
  scalar: ([a, b]) => {
    const difference = infix(a, "-", b);
    return infix(difference, "*", difference);
  },
  partials: ([a, b]) => [mul(sub(a, b), 2), mul(sub(b, a), 2)],
});

const lerpOp = elementwise<[number, number, number], Attrs>({
  name: "lerp",
  takes: "float",
  // From the nearer end, so that both ends are exact.
  real: (a, b, t) => (t < 0.5 ? a + t * (b - a) : b - (1 - t) * (b - a)),
  complex: (C) => (a, b, t) => C.add(a, C.mul(t, C.sub(b, a))),
  scalar: ([a, b, t]) => {
    const way = infix(b, "-", a);
    const fromB = infix(b, "-", infix(infix(1, "-", t), "*", way));
    return select(fromB, infix(a, "+", infix(t, "*", way)), infix(t, "<", 0.5));
  },
  partials: ([a, b, t]) => [sub(1, t), t, sub(b, a)],
});

/**
 * a + t (b − a).
 * @param a float32, or a number
 * @param b float32, or a number
 * @param t float32, or a number: how far from a to b; shapes broadcast
 * @returns of the shape to which the three broadcast, float32
 * @throws DtypeError where an operand has another dtype
 * @throws ShapeError where the shapes do not broadcast
 */
export const lerp = withOp(
  (a: TensorLike, b: TensorLike, t: TensorLike): Tensor =>
    apply(lerpOp, operandsOf("lerp", [a, b, t]), {}),
  lerpOp,
);
