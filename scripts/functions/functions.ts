import * as ct from "cotangent";
import type { Tensor } from "cotangent";
import * as real from "../../src/base/special.ts";

/** A function of one number and its derivative, as the library has them and in float64. */
export interface Swept {
  name: string;
  /** What is tested; its gradient is tested too. */
  op(x: Tensor): Tensor;
  value(x: number): number;
  slope(x: number): number;
  /** Its digits are right up to 12000, though they depend on the last one of x. */
  periodic?: true;
}

const phi = real.normalPdf;

/** The argument of the logistic function in gelu's approximation by tanh, and its derivative. */
const cubic = (x: number) => Math.sqrt(8 / Math.PI) * (x + 0.044715 * x ** 3);
const cubicSlope = (x: number) => Math.sqrt(8 / Math.PI) * (1 + 3 * 0.044715 * x * x);

/** σ(v)(1 + x v′ σ(−v)), where beyond |x| = 100 the sum is 1 and the product may be ∞ · 0. */
function slopeOfGeluTanh(x: number): number {
  if (Math.abs(x) > 100) return x > 0 ? 1 : 0;
  const v = cubic(x);
  return real.sigmoid(v) * (1 + x * cubicSlope(x) * real.sigmoid(-v));
}

/** xᵇ for a float32 number b. */
const power = (b: number): Swept => ({
  name: `pow(x, ${b})`,
  op: (x) => ct.pow(x, b),
  value: (x) => x ** b,
  slope: (x) => b * x ** (b - 1),
});

/** aˣ for a float32 number a. */
const exponential = (a: number): Swept => ({
  name: `pow(${a}, x)`,
  op: (x) => ct.pow(ct.tensor(a), x),
  value: (x) => a ** x,
  slope: (x) => (a ** x === 0 ? 0 : a ** x * Math.log(a)),
});

export const functions: readonly Swept[] = [
  { name: "sin", op: ct.sin, value: Math.sin, slope: Math.cos, periodic: true },
  { name: "cos", op: ct.cos, value: Math.cos, slope: (x) => -Math.sin(x), periodic: true },
  { name: "tan", op: ct.tan, value: Math.tan, slope: (x) => 1 / Math.cos(x) ** 2, periodic: true },
  {
    name: "sinc",
    op: ct.sinc,
    value: real.sinc,
    slope: (x) => real.sincDerivative(1, x),
    periodic: true,
  },
  { name: "exp", op: ct.exp, value: Math.exp, slope: Math.exp },
  { name: "log", op: ct.log, value: Math.log, slope: (x) => 1 / x },
  power(2.5),
  power(-0.75),
  power(17),
  exponential(0.75),
  exponential(1.0009765625),
  { name: "tanh", op: ct.tanh, value: Math.tanh, slope: (x) => 1 / Math.cosh(x) ** 2 },
  {
    name: "erf",
    op: ct.erf,
    value: real.erf,
    slope: (x) => (2 / Math.sqrt(Math.PI)) * real.gaussian(x),
  },
  {
    name: "gelu",
    op: (x) => ct.gelu(x),
    value: (x) => x * real.normalCdf(x),
    slope: (x) => real.normalCdf(x) + x * phi(x),
  },
  {
    name: "gelu, tanh",
    op: (x) => ct.gelu(x, { approximate: "tanh" }),
    value: (x) => x * real.sigmoid(cubic(x)),
    slope: slopeOfGeluTanh,
  },
];
