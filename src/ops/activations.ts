import { ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { apply } from "../graph/build.ts";
import { call, infix, select, type Scalar } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { abs, add, mul, neg, reciprocal, square } from "./arithmetic.ts";
import { greater, where } from "./compare.ts";
import { elementwise, unary } from "./elementwise.ts";
import { erfc, exp, sigmoid } from "./exponential.ts";
import { parametric } from "./parametric.ts";
import { clip } from "./piecewise.ts";
import { sech, tanh } from "./trigonometric.ts";

export * from "./piecewise.ts";
export { sigmoid } from "./exponential.ts";
export { tanh } from "./trigonometric.ts";

/** log(1 + eˣ), without overflow. */
export const softplus = unary({
  name: "softplus",
  takes: "float",
  real: (x, _, F) => F.softplus(x),
  complex: (C) => C.softplus,
  scalar: "softplusf",
  expensive: true,
  partials: ([x]) => [sigmoid(x)],
});

/** log(sigmoid(x)), without overflow. */
export const logSigmoid = unary({
  name: "logSigmoid",
  takes: "float",
  real: (x, _, F) => F.logSigmoid(x),
  complex: (C) => C.logSigmoid,
  scalar: "logSigmoidf",
  expensive: true,
  // 1 − sigmoid(x)
  partials: ([x]) => [sigmoid(neg(x))],
});

/** x/(1 + |x|). */
export const softsign = unary({
  name: "softsign",
  takes: "float",
  real: (x) => x / (1 + Math.abs(x)),
  complex: (C) => (z) => C.div(z, C.add(C.complex(1), z.re < 0 ? C.neg(z) : z)),
  scalar: ([x]) => call("quotient", x, infix(1, "+", call("abs", x))),
  // 1/(1 + |x|)²
  partials: ([x]) => [square(reciprocal(add(abs(x), 1)))],
});

interface AlphaAttrs {
  alpha: number;
}

/** x where it is positive, else α(eˣ − 1). */
const eluOf = (x: Scalar, alpha: number) =>
  select(infix(alpha, "*", call("expm1", x)), x, infix(x, ">", 0));

/**
 * x where it is positive, else α(eˣ − 1); the derivative at 0 is α.
 * @param constants α, 1 by default
 */
export const elu = parametric<[alpha?: number], AlphaAttrs>(
  {
    name: "elu",
    takes: "float",
    real: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x)),
    complex:
      (C) =>
      (z, { alpha }) =>
        z.re > 0 ? z : C.scale(alpha, C.expm1(z)),
    scalar: ([x], { alpha }) => eluOf(x, alpha),
    expensive: true,
    partials: ([x], _, { alpha }) => [slopeOfElu(x, { left: alpha })],
  },
  (alpha = 1) => ({ alpha }),
);

/**
 * x where it is positive, else α(exp(x/α) − 1), whose derivative is continuous.
 * @param constants α, 1 by default
 * @throws ValueError where α is 0
 */
export const celu = parametric<[alpha?: number], AlphaAttrs>(
  {
    name: "celu",
    takes: "float",
    real: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x / alpha)),
    complex:
      (C) =>
      (z, { alpha }) =>
        z.re > 0 ? z : C.scale(alpha, C.expm1(C.scale(1 / alpha, z))),
    scalar: ([x], { alpha }) => {
      const left = infix(alpha, "*", call("expm1", infix(x, "/", alpha)));
      return select(left, x, infix(x, ">", 0));
    },
    expensive: true,
    partials: ([x], _, { alpha }) => [slopeOfElu(x, { rate: 1 / alpha })],
  },
  (alpha = 1) => {
    if (alpha === 0) throw new ValueError("celu: alpha is not 0, for x is divided by it");
    return { alpha };
  },
);

// Klambauer, Unterthiner, Mayr, Hochreiter: "Self-normalizing neural networks", 2017.
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** 1.0507·elu(x, 1.6733), which keeps mean 0 and variance 1; the derivative at 0 is 1.7581. */
export const selu = unary({
  name: "selu",
  takes: "float",
  real: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
  complex: (C) => (z) => C.scale(SELU_SCALE, z.re > 0 ? z : C.scale(SELU_ALPHA, C.expm1(z))),
  scalar: ([x]) => infix(SELU_SCALE, "*", eluOf(x, SELU_ALPHA)),
  expensive: true,
  partials: ([x]) => [slopeOfElu(x, { left: SELU_SCALE * SELU_ALPHA, right: SELU_SCALE })],
});

/**
 * `right` where x > 0, else left·exp(rate·x). Not y + α, where digits cancel; and of the branch that is not taken no
 * exponential is ever made.
 */
function slopeOfElu(x: Tensor, { left = 1, right = 1, rate = 1 }): Tensor {
  return where(greater(x, 0), right, mul(exp(mul(clip(x, -Infinity, 0), rate)), left));
}

interface BetaAttrs {
  beta: number;
}

/**
 * x·sigmoid(βx).
 * @param constants β, 1 by default
 */
export const swish = parametric<[beta?: number], BetaAttrs>(
  {
    name: "swish",
    takes: "float",
    real: (x, { beta }, F) => x * F.sigmoid(beta * x),
    complex:
      (C) =>
      (z, { beta }) =>
        C.mul(z, C.sigmoid(C.scale(beta, z))),
    scalar: ([x], { beta }) => call("swishf", x, infix(beta, "*", x)),
    expensive: true,
    partials: ([x], y, { beta }) => [slopeOfSilu(mul(x, beta), mul(y, beta))],
  },
  (beta = 1) => ({ beta }),
);

/** x·sigmoid(x). */
export const silu = unary({
  name: "silu",
  takes: "float",
  real: (x, _, F) => x * F.sigmoid(x),
  complex: (C) => (z) => C.mul(z, C.sigmoid(z)),
  scalar: ([x]) => call("sigmoidTimes", x, x),
  expensive: true,
  partials: ([x], y) => [slopeOfSilu(x, y)],
});

/** σ(x) + x σ′(x) = σ(x) + y σ(−x), where y keeps its digits when σ(x) is too small for float32. */
function slopeOfSilu(x: Tensor, y: Tensor): Tensor {
  return add(sigmoid(x), mul(y, sigmoid(neg(x))));
}

/** x·tanh(log(1 + eˣ)). */
export const mish = unary({
  name: "mish",
  takes: "float",
  real: (x, _, F) => x * Math.tanh(F.softplus(x)),
  complex: (C) => (z) => C.mul(z, C.tanh(C.softplus(z))),
  scalar: "mishf",
  expensive: true,
  // tanh s + x sech² s σ(x) at s = softplus x
  partials: ([x]) => {
    const s = softplus(x);
    return [add(tanh(s), mul(silu(x), square(sech(s))))];
  },
});

/** How `gelu` is computed. */
export interface GeluOptions {
  /** "none" by default, "tanh" for the approximation. */
  approximate?: "none" | "tanh";
}

interface GeluAttrs {
  approximate: "none" | "tanh";
}

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
// Hendrycks, Gimpel: "Gaussian error linear units", 2016.
const GELU_CUBIC = 0.044715;

/**
 * x Φ(x) for the normal distribution function Φ; approximate: "tanh" is x(1 + tanh(√(2/π)(x + 0.044715x³)))/2.
 * @param constants options: `approximate` is "none" or "tanh", by default "none"
 * @throws ValueError where `approximate` is neither
 */
export const gelu = parametric<[options?: GeluOptions], GeluAttrs>(
  {
    name: "gelu",
    takes: "float",
    // 1 + tanh u = 2σ(2u), in which nothing cancels on the left.
    real: (x, { approximate }, F) =>
      x * (approximate === "tanh" ? F.sigmoid(geluAngle(x)) : F.normalCdf(x)),
    complex:
      (C) =>
      (z, { approximate }) => {
        if (approximate === "none") return C.mul(z, C.normalCdf(z));
        const angle = C.add(z, C.scale(GELU_CUBIC, C.cube(z)));
        return C.mul(z, C.sigmoid(C.scale(2 * SQRT_2_OVER_PI, angle)));
      },
    scalar: ([x], { approximate }) => call(approximate === "tanh" ? "geluTanhf" : "geluf", x),
    expensive: true,
    partials: ([x], _, { approximate }) => [
      approximate === "tanh" ? slopeOfGeluTanh(x) : slopeOfGelu(x),
    ],
  },
  (options = {}) => {
    checkOptions("gelu", options, ["approximate"]);
    const { approximate = "none" } = options;
    if (!["none", "tanh"].includes(approximate)) {
      throw new ValueError(`gelu: approximate is "none" or "tanh", got ${approximate}`);
    }
    return { approximate };
  },
);

const geluAngle = (x: number) => 2 * SQRT_2_OVER_PI * (x + GELU_CUBIC * x ** 3);

/** Φ(x) + x φ(x), which has exp(−x²/2) by the square of x/2, whose derivative is x: 2x could overflow. */
function slopeOfGelu(x: Tensor): Tensor {
  const density = mul(exp(mul(square(mul(x, 0.5)), -2)), 1 / Math.sqrt(2 * Math.PI));
  return add(mul(erfc(mul(x, -Math.SQRT1_2)), 0.5), mul(x, density));
}

/** aσ(b), also where σ(b) is too small for float32 and the product is not. */
const sigmoidTimesOp = elementwise<[number, number], object>({
  name: "sigmoidTimes",
  takes: "float",
  real: (a, b, _, F) => a * F.sigmoid(b),
  complex: (C) => (a, b) => C.mul(a, C.sigmoid(b)),
  scalar: "sigmoidTimes",
  expensive: true,
  partials: ([, b], y) => [sigmoid(b), mul(y, sigmoid(neg(b)))],
});

/** σ(v) + x σ′(v) v′ = σ(v)(1 + x v′ σ(−v)) at v = 2√(2/π)(x + 0.044715x³); x v′ is 240 where σ(v) underflows. */
function slopeOfGeluTanh(x: Tensor): Tensor {
  // Beyond ±100 σ is 0 or 1 to the last digit; x² could overflow there.
  const near = clip(x, -100, 100);
  const squared = mul(square(near), GELU_CUBIC);
  const angle = mul(mul(near, add(squared, 1)), 2 * SQRT_2_OVER_PI);
  const slope = mul(add(mul(squared, 3), 1), 2 * SQRT_2_OVER_PI);
  const factor = add(mul(mul(near, slope), sigmoid(neg(angle))), 1);
  return apply(sigmoidTimesOp, [factor, angle], {});
}

/** x − tanh x. */
export const tanhShrink = unary({
  name: "tanhShrink",
  takes: "float",
  real: (x) => (Math.abs(x) < 1 ? tanhShrinkNearZero(x) : x - Math.tanh(x)),
  complex: (C) => (z) => C.sub(z, C.tanh(z)),
  // tanh x = x/(1 + z/(3 + z/(5 + z/(7 + …)))) with z = x², so nothing cancels in x z/(z + 3 + z/(5 + …)).
  scalar: ([x]) => {
    const z = infix(x, "*", x);
    const fraction = [5, 7, 9, 11].reduceRight<Scalar | number>(
      (rest, n) => infix(n, "+", infix(z, "/", rest)),
      13,
    );
    const divisor = infix(infix(3, "+", z), "+", infix(z, "/", fraction));
    const near = infix(infix(x, "*", z), "/", divisor);
    return select(infix(x, "-", call("tanhf", x)), near, infix(call("abs", x), "<", 2));
  },
  expensive: true,
  // 1 − sech² x = tanh² x
  partials: ([x]) => [square(tanh(x))],
});

/** (x cosh x − sinh x)/cosh x, the numerator by its series Σ 2k x²ᵏ⁺¹/(2k + 1)!, in which nothing cancels. */
function tanhShrinkNearZero(x: number): number {
  let power = x;
  let sum = 0;
  // Ten terms: the next is below 2⁻⁵³ of the first.
  for (let k = 1; k <= 10; k++) {
    power *= (x * x) / (2 * k * (2 * k + 1));
    sum += 2 * k * power;
  }
  return sum / Math.cosh(x);
}
