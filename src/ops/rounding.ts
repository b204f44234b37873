import { isFloat, type Dtype } from "../base/dtype.ts";
import { floatLiteral, literal } from "../base/wgsl-literal.ts";
import { binary, unary } from "./elementwise.ts";
import { parametric } from "./parametric.ts";

// Piecewise constant functions: their derivatives are zero, also where they jump.

/** The largest integer ≤ x. */
export const floor = unary({
  name: "floor",
  takes: "float",
  real: (x) => Math.floor(x),
  wgsl: ([x]) => `floor(${x})`,
  partials: () => [0],
});

/** The smallest integer ≥ x. */
export const ceil = unary({
  name: "ceil",
  takes: "float",
  real: (x) => Math.ceil(x),
  wgsl: ([x]) => `ceil(${x})`,
  partials: () => [0],
});

/** x without its fraction. */
export const trunc = unary({
  name: "trunc",
  takes: "float",
  real: (x) => Math.trunc(x),
  wgsl: ([x]) => `trunc(${x})`,
  partials: () => [0],
});

/** The nearest integer, the even one of two. */
export const round = unary({
  name: "round",
  takes: "float",
  real: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  wgsl: ([x]) => `round(${x})`,
  partials: () => [0],
});

/** −1, 0 or 1 as x is negative, zero or positive. */
export const sign = unary({
  name: "sign",
  takes: "number",
  real: (x) => Math.sign(x),
  wgsl: ([x], _, dtype) =>
    isFloat(dtype) ? `signf(${x})` : dtype === "int32" ? `sign(${x})` : `min(${x}, 1u)`,
  partials: () => [0],
});

/** ⌊a/b⌋, exactly; an integer over 0 is 0. */
export const floorDivide = binary({
  name: "floorDivide",
  takes: "number",
  real: floorQuotient,
  integer: (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
  wgsl: ([a, b], _, dtype) => {
    if (isFloat(dtype)) return `floorDivf(${a}, ${b})`;
    const { zero, divisor, rest, below } = integerDivision(a, b, dtype);
    return `select((${a} - ${rest}) / ${divisor} - ${below}, ${zero}, ${b} == ${zero})`;
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
 * Parts of the WGSL of a division of integers: 0, the divisor (1 instead of 0), the remainder of division toward zero,
 * and 1 where rounding down goes one further.
 */
export function integerDivision(a: string, b: string, dtype: Dtype) {
  const [zero, one] = [literal(0, dtype), literal(1, dtype)];
  const divisor = `select(${b}, ${one}, ${b} == ${zero})`;
  const rest = `(${a} % ${divisor})`;
  const signsDiffer = `(${rest} < ${zero}) != (${b} < ${zero})`;
  const below = `select(${zero}, ${one}, ${rest} != ${zero} && ${signsDiffer})`;
  return { zero, divisor, rest, below };
}

/** The derivative of maximum(a, b) in a: 1 where a > b, 1/2 where they are equal, else 0. */
export const tieBreak = binary({
  name: "tieBreak",
  takes: "float",
  real: (a, b) => (a > b ? 1 : a === b ? 0.5 : 0),
  wgsl: ([a, b]) => `select(select(0.0, 0.5, ${a} == ${b}), 1.0, ${a} > ${b})`,
  partials: () => [0, 0],
});

interface IntervalAttrs {
  low: number;
  high: number;
  /** Whether the ends belong to the interval. */
  closed: boolean;
  inside: number;
  outside: number;
}

/** 1 in an interval, without its finite ends unless it is `closed`, and 0 elsewhere; or other values for the two. */
export const inside = parametric<[number, number, Partial<IntervalAttrs>?], IntervalAttrs>(
  {
    name: "inside",
    takes: "float",
    real: (x, { low, high, closed, inside, outside }) => {
      const above = low === -Infinity || (closed ? x >= low : x > low);
      const below = high === Infinity || (closed ? x <= high : x < high);
      return above && below ? inside : outside;
    },
    wgsl: ([x], { low, high, closed, inside, outside }) => {
      const equal = closed ? "=" : "";
      const above = low === -Infinity ? "true" : `${x} >${equal} ${floatLiteral(low)}`;
      const below = high === Infinity ? "true" : `${x} <${equal} ${floatLiteral(high)}`;
      return `select(${floatLiteral(outside)}, ${floatLiteral(inside)}, ${above} && ${below})`;
    },
    partials: () => [0],
  },
  (low, high, { closed = false, inside = 1, outside = 0 } = {}) => ({
    low,
    high,
    closed,
    inside,
    outside,
  }),
);
