import { rowOf, type Dtype } from "../../src/base/dtype.ts";
import * as special from "../../src/base/special.ts";
import * as random from "../../src/base/threefry.ts";
import type { Apply, FunctionName, Scalar } from "../../src/graph/scalar.ts";

// Expressions as numbers: what a target that is free of rounding would compute.

/** The value of an expression; `leaf` gives those of what is no function of others. */
export function evaluateScalar(
  x: Scalar,
  leaf: (x: Scalar) => number = constantValue,
  known = new Map<Scalar, number>(),
): number {
  const found = known.get(x);
  if (found !== undefined) return found;
  const value =
    x.kind === "apply"
      ? applyFunction(
          x,
          x.args.map((arg) => evaluateScalar(arg, leaf, known)),
        )
      : leaf(x);
  known.set(x, value);
  return value;
}

function constantValue(x: Scalar): number {
  if (x.kind !== "constant") throw new Error(`${x.kind} has no value`);
  return x.value;
}

/** The value of a function at the values of its arguments. */
export function applyFunction({ f, args, dtype }: Apply, values: readonly number[]): number {
  const [a, b, c] = values;
  if (f === "select") return c ? b : a;
  if (f === "convert") return wrapped(dtype === "bool" ? Number(a !== 0) : a, dtype);
  if (values.length === 1 && (f === "-" || f === "!"))
    return f === "!" ? 1 - a : wrapped(-a, dtype);
  const operator = OPERATORS[f];
  if (!operator) return wrapped(FUNCTIONS[f as FunctionName](...values), dtype);
  if (f === "*" && rowOf(dtype).kind === "integer") return wrapped(Math.imul(a, b), dtype);
  if (f === "/" && rowOf(args[0].dtype).kind === "integer") return Math.trunc(a / b);
  return wrapped(operator(a, b), dtype);
}

/** A number as integers of 32 bits have it. */
function wrapped(value: number, dtype: Dtype): number {
  if (dtype === "uint32") return value >>> 0;
  return dtype === "int32" ? value | 0 : value;
}

type Real = (...values: number[]) => number;

const OPERATORS: Partial<Record<Apply["f"], Real>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
};

const { sigmoid } = special;

/** Whether a remainder of division by b, cut toward zero, has another sign than b. */
const isOpposite = (rest: number, b: number) => rest !== 0 && rest < 0 !== b < 0;

function saturated(x: number, dtype: Dtype): number {
  const { lowest, highest } = rowOf(dtype);
  return Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, lowest), highest));
}

const FUNCTIONS: Record<FunctionName, Real> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  inverseSqrt: (x) => 1 / Math.sqrt(x),
  max: Math.max,
  min: Math.min,
  round: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  sign: Math.sign,
  sqrt: Math.sqrt,
  trunc: Math.trunc,
  acosf: Math.acos,
  acoshf: Math.acosh,
  asinf: Math.asin,
  asinhf: Math.asinh,
  atan2f: Math.atan2,
  atanf: Math.atan,
  atanhf: Math.atanh,
  cosf: Math.cos,
  coshf: Math.cosh,
  sechf: (x) => 1 / Math.cosh(x),
  sinc: special.sinc,
  sincDerivative: special.sincDerivative,
  sinf: Math.sin,
  sinhf: Math.sinh,
  tanf: Math.tan,
  tanhf: Math.tanh,
  erfcf: special.erfc,
  erff: special.erf,
  exp2f: (x) => 2 ** x,
  expNegative: Math.exp,
  expf: Math.exp,
  expm1: Math.expm1,
  log1p: Math.log1p,
  log2f: Math.log2,
  logf: Math.log,
  powf: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b),
  geluTanhf: (x) => x * sigmoid(Math.sqrt(8 / Math.PI) * (x + 0.044715 * x ** 3)),
  geluf: (x) => x * special.normalCdf(x),
  logSigmoidf: special.logSigmoid,
  mishf: (x) => x * Math.tanh(special.softplus(x)),
  sigmoidTimes: (y, x) => y * sigmoid(x),
  swishf: (y, x) => y * sigmoid(x),
  sigmoidf: sigmoid,
  softplusf: special.softplus,
  binade: (x) =>
    Number.isNaN(x)
      ? 2 ** 126
      : 2 ** Math.min(Math.max(Math.floor(Math.log2(Math.abs(x))), -126), 126),
  floorDivf: (a, b) => {
    if (b === 0) return a / b;
    const rest = a % b;
    return Math.round((a - rest) / b) - Number(isOpposite(rest, b));
  },
  fmodf: (a, b) => a % b,
  isInf: (x) => Number(Math.abs(x) === Infinity),
  isNan: (x) => Number(Number.isNaN(x)),
  maximumf: Math.max,
  minimumf: Math.min,
  opaque: (x) => x,
  quotient: (n, d) => n / d,
  remainderf: (a, b) => (isOpposite(a % b, b) ? (a % b) + b : a % b),
  signf: Math.sign,
  toInt: (x) => saturated(x, "int32"),
  toUint: (x) => saturated(x, "uint32"),
  randomBits: (seed, draw, element, call) => random.threefry(seed, draw, element, call)[0],
  randomNormal: (seed, draw, element, call) =>
    random.normalFromBits(...random.threefry(seed, draw, element, call)),
  randomPlace: (seed, draw, element, call, n) =>
    random.permute(element, n, ...random.permutationKey(seed, draw, call)),
  uniformBetween: random.uniformBetween,
  uniformFromBits: random.uniformFromBits,
};
