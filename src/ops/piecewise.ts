import type { Complex } from "../base/complex.ts";
import { isFloat } from "../base/dtype.ts";
import { apply, withOp, type TensorLike } from "../graph/build.ts";
import { call, infix, select, type Scalar } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, div, mul } from "./arithmetic.ts";
import {
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  where,
} from "./compare.ts";
import { elementwise, unary } from "./elementwise.ts";
import { numberAs, operandsOf } from "./operands.ts";
import { parametric } from "./parametric.ts";

// Functions of straight pieces. NaN goes through; each states its derivative at the kinks, which is PyTorch's. Where a
// piece is constant the derivative is 0 by selection, so that √relu(x) has a gradient of 0 below 0, not ∞ · 0.

/** low < x < high. */
const between = (x: Tensor, low: number, high: number): Tensor =>
  logicalAnd(greater(x, low), less(x, high));

/** low ≤ x ≤ high. */
const within = (x: Tensor, low: number, high: number): Tensor =>
  logicalAnd(greaterEqual(x, low), lessEqual(x, high));

const ZERO: Complex = { re: 0, im: 0 };

/**
 * 1 where x ≥ n, else 0; the derivative is 0.
 * @param constants n, 0 by default
 */
export const step = parametric<[n?: number], { n: number }>(
  {
    name: "step",
    takes: "float",
    real: (x, { n }) => (x >= n ? 1 : x < n ? 0 : NaN),
    scalar: ([x], { n }) => select(select(0, 1, infix(x, ">=", n)), x, call("isNan", x)),
    partials: () => [0],
  },
  (n = 0) => ({ n }),
);

/** max(x, 0); the derivative at 0 is 0. */
export const relu = unary({
  name: "relu",
  takes: "float",
  real: (x) => Math.max(x, 0),
  complex: () => (z) => (z.re <= 0 ? ZERO : z),
  scalar: ([x]) => call("maximumf", x, 0),
  // From y, so that x need not be kept.
  partials: (_, y) => [greater(y, 0)],
});

/**
 * x where it is positive, else slope·x; the derivative at 0 is the slope.
 * @param constants the slope, 0.01 by default
 */
export const leakyRelu = parametric<[slope?: number], { slope: number }>(
  {
    name: "leakyRelu",
    takes: "float",
    real: (x, { slope }) => (x > 0 ? x : slope * x),
    complex:
      (C) =>
      (z, { slope }) =>
        z.re > 0 ? z : C.scale(slope, z),
    scalar: ([x], { slope }) => select(infix(slope, "*", x), x, infix(x, ">", 0)),
    // y has the sign of x, unless the slope is negative.
    partials: ([x], y, { slope }) => [where(greater(slope < 0 ? x : y, 0), 1, slope)],
  },
  (slope = 0.01) => ({ slope }),
);

/** min(max(x, 0), 6); the derivative at 0 and 6 is 0. */
export const relu6 = unary({
  name: "relu6",
  takes: "float",
  real: (x) => Math.min(Math.max(x, 0), 6),
  complex: (C) => (z) => C.clip(z, 0, 6),
  scalar: ([x]) => clamp(x, 0, 6),
  partials: (_, y) => [between(y, 0, 6)],
});

/** min(max(x, −1), 1); the derivative at ±1 is 0. */
export const hardTanh = unary({
  name: "hardTanh",
  takes: "float",
  real: (x) => Math.min(Math.max(x, -1), 1),
  complex: (C) => (z) => C.clip(z, -1, 1),
  scalar: ([x]) => clamp(x, -1, 1),
  partials: (_, y) => [between(y, -1, 1)],
});

/** min(max(x/6 + 1/2, 0), 1); the derivative at ±3 is 0. */
export const hardSigmoid = unary({
  name: "hardSigmoid",
  takes: "float",
  real: (x) => Math.min(Math.max((x + 3) / 6, 0), 1),
  complex: (C) => (z) => C.clip(C.scale(1 / 6, C.add(z, C.complex(3))), 0, 1),
  scalar: ([x]) => ramp(x),
  derivative: {
    kind: "differential",
    differential: ([dx], [x]) => where(between(x, -3, 3), div(dx!, 6), 0),
  },
});

/** x·hardSigmoid(x); the derivative is −1/2 at −3 and 3/2 at 3. */
export const hardSwish = unary({
  name: "hardSwish",
  takes: "float",
  real: (x) => x * Math.min(Math.max((x + 3) / 6, 0), 1),
  complex: (C) => (z) => C.mul(z, C.clip(C.scale(1 / 6, C.add(z, C.complex(3))), 0, 1)),
  scalar: ([x]) => infix(x, "*", ramp(x)),
  // (x + 3/2)/3 from −3 to 3, in which nothing is lost next to its zero, and 1 above
  derivative: {
    kind: "differential",
    differential([dx], [x]) {
      const middle = mul(dx!, div(add(x, 1.5), 3));
      return where(within(x, -3, 3), middle, where(greater(x, 3), dx!, 0));
    },
  },
});

/**
 * 0 where |x| ≤ λ, else x; the derivative at ±λ is 0.
 * @param constants λ, 0.5 by default
 */
export const hardShrink = parametric<[lambda?: number], { lambda: number }>(
  {
    name: "hardShrink",
    takes: "float",
    real: (x, { lambda }) => (Math.abs(x) <= lambda ? 0 : x),
    complex:
      () =>
      (z, { lambda }) =>
        Math.abs(z.re) <= lambda ? ZERO : z,
    scalar: ([x], { lambda }) => select(x, 0, infix(call("abs", x), "<=", lambda)),
    partials: ([x], _, { lambda }) => [outside(x, lambda)],
  },
  (lambda = 0.5) => ({ lambda }),
);

/**
 * x brought nearer to 0 by λ, or to 0; the derivative at ±λ is 0.
 * @param constants λ, 0.5 by default
 */
export const softShrink = parametric<[lambda?: number], { lambda: number }>(
  {
    name: "softShrink",
    takes: "float",
    real: (x, { lambda }) => (Math.abs(x) <= lambda ? 0 : x - Math.sign(x) * lambda),
    complex:
      (C) =>
      (z, { lambda }) =>
        Math.abs(z.re) <= lambda ? ZERO : C.sub(z, C.complex(Math.sign(z.re) * lambda)),
    scalar: ([x], { lambda }) => {
      const nearer = infix(x, "-", infix(call("sign", x), "*", lambda));
      return select(nearer, 0, infix(call("abs", x), "<=", lambda));
    },
    partials: ([x], _, { lambda }) => [outside(x, lambda)],
  },
  (lambda = 0.5) => ({ lambda }),
);

/** Whether |x| > λ, or x is NaN. */
function outside(x: Tensor, lambda: number): Tensor {
  return logicalNot(within(x, -lambda, lambda));
}

interface ClipAttrs {
  min: number;
  max: number;
}

const clipOp = elementwise<[number], ClipAttrs>({
  name: "clip",
  takes: "number",
  real: (x, { min, max }) => Math.min(Math.max(x, min), max),
  complex:
    (C) =>
    (z, { min, max }) =>
      C.clip(z, min, max),
  scalar: ([x], { min, max }) => {
    const [larger, smaller] = isFloat(x.dtype)
      ? (["maximumf", "minimumf"] as const)
      : (["max", "min"] as const);
    const above = min === -Infinity ? x : call(larger, x, min);
    return max === Infinity ? above : call(smaller, above, max);
  },
  partials: ([x], _, { min, max }) => [within(x, min, max)],
});

/**
 * x, or the nearer bound where it is out of bounds; the derivative at a bound is 1.
 * @param x float32, int32 or uint32, of any shape, or a number
 * @param min the lower bound, none by default
 * @param max the upper bound, none by default
 * @returns of the shape and dtype of x
 * @throws DtypeError where x is bool, or a bound is none of its dtype
 */
export const clip = withOp((x: TensorLike, min = -Infinity, max = Infinity): Tensor => {
  const [input] = operandsOf("clip", [x]);
  if (min !== -Infinity) numberAs("clip", min, input.dtype);
  if (max !== Infinity) numberAs("clip", max, input.dtype);
  return apply(clipOp, [input], { min, max } satisfies ClipAttrs);
}, clipOp);

/** min(max(x, low), high), where NaN goes through. */
function clamp(x: Scalar, low: number, high: number): Scalar {
  return call("minimumf", call("maximumf", x, low), high);
}

/** hardSigmoid(x). */
function ramp(x: Scalar): Scalar {
  return infix(clamp(infix(x, "+", 3), 0, 6), "/", 6);
}
