import type { Dtype } from "../base/dtype.ts";
import type { Bound, Index } from "../base/index-expr.ts";
import type { Tensor } from "./tensor.ts";

/**
 * A number or flag as an expression: what an op computes for one element, as data that each target prints. Parts that
 * are the same object are computed once.
 */
export type Scalar = Constant | Apply | Load | Counter | Local | Pieces;

export interface Constant {
  kind: "constant";
  value: number;
  dtype: Dtype;
}

/** A function of other expressions. */
export interface Apply {
  kind: "apply";
  f: Operator | FunctionName | "select" | "convert";
  args: readonly Scalar[];
  dtype: Dtype;
  /** Whether it is known that it is nowhere above 0. */
  isNegative: boolean;
}

/** An element of a tensor in memory, or of one that the kernel has computed. */
export interface Load {
  kind: "load";
  tensor: Tensor;
  index: Index;
  dtype: Dtype;
}

/** The value of an index. */
export interface Counter {
  kind: "index";
  index: Index;
  dtype: Dtype;
}

/** What has been computed under a name: part of the state of a fold. */
export interface Local {
  kind: "local";
  name: string;
  dtype: Dtype;
}

/** The first piece whose bounds hold, else the last value. */
export interface Pieces {
  kind: "pieces";
  pieces: readonly { bounds: readonly Bound[]; value: Scalar }[];
  otherwise: Scalar;
  dtype: Dtype;
}

/** Of two arguments, − and ! also of one; & and | are those of flags too, and know no short way. */
export type Operator =
  "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "&" | "|" | "^" | "!";

/** Functions that all targets have, and those of shaders/functions. */
export type FunctionName =
  | ("abs" | "ceil" | "floor" | "inverseSqrt" | "max" | "min" | "round" | "sign" | "sqrt" | "trunc")
  | ("acosf" | "acoshf" | "asinf" | "asinhf" | "atan2f" | "atanf" | "atanhf" | "cosf" | "coshf")
  | ("sechf" | "sinc" | "sincDerivative" | "sinf" | "sinhf" | "tanf" | "tanhf")
  | (
      | "erfcf"
      | "erff"
      | "exp2f"
      | "expNegative"
      | "expf"
      | "expm1"
      | "log1p"
      | "log2f"
      | "logf"
      | "powf"
    )
  | ("geluTanhf" | "geluf" | "logSigmoidf" | "mishf" | "sigmoidTimes" | "sigmoidf" | "swishf")
  | "softplusf"
  | ("binade" | "floorDivf" | "fmodf" | "isInf" | "isNan" | "maximumf" | "minimumf" | "opaque")
  | ("quotient" | "remainderf" | "signf" | "toInt" | "toUint")
  | ("randomBits" | "randomNormal" | "randomPlace" | "uniformBetween" | "uniformFromBits");

export const constant = (value: number, dtype: Dtype): Constant => ({
  kind: "constant",
  value,
  dtype,
});

/** Bare numbers have the dtype of the numbers that they stand beside. */
type ScalarOrNumber = Scalar | number;

/** A function of some arguments, or an operator, whose value is of a given dtype; by default that of the first argument. */
export const callAs = (
  result: Dtype | null,
  f: Apply["f"],
  ...operands: readonly ScalarOrNumber[]
): Scalar => applied(result, f, operands);

function applied(result: Dtype | null, f: Apply["f"], operands: readonly ScalarOrNumber[]): Scalar {
  const args = operands.every((x) => typeof x === "object") ? operands : asScalars(operands);
  const a = args[0];
  const b = args[1];
  if (f === "*" && isOne(a)) return b;
  if ((f === "*" || f === "/") && b && isOne(b)) return a;
  return {
    kind: "apply",
    f: f === "expf" && a.kind === "apply" && a.isNegative ? "expNegative" : f,
    args,
    dtype: result ?? a.dtype,
    isNegative:
      (f === "-" && !b && isPositive(a)) ||
      (f === "*" && isPositive(a) && b.kind === "constant" && b.value < 0),
  };
}

/** Bare numbers as constants. */
function asScalars(operands: readonly ScalarOrNumber[]): Scalar[] {
  const numbers = operands.find((x) => typeof x === "object" && x.dtype !== "bool") as Scalar;
  return operands.map((x) =>
    typeof x === "number" ? constant(x, numbers?.dtype ?? "float32") : x,
  );
}

// What is simplified gives the same number for every argument, infinities and NaN among them: 1·x is x, but 0·x is not 0.

const isOne = (x: Scalar) => x.kind === "constant" && x.value === 1 && x.dtype !== "bool";

/** Whether it is known that a number is nowhere below 0: |x| and x². */
const isPositive = (x: Scalar) =>
  x.kind === "apply" && (x.f === "abs" || (x.f === "*" && x.args[0] === x.args[1]));

/** One whose value is a flag where it compares or tests, and else of the dtype of the first argument. */
export const call = (f: Apply["f"], ...operands: readonly ScalarOrNumber[]): Scalar =>
  applied(/^is|[=<>]/.test(f) ? "bool" : null, f, operands);

/** a f b. */
export const infix = (a: ScalarOrNumber, f: Operator, b: ScalarOrNumber): Scalar => call(f, a, b);

/** `no`, or `yes` where the condition holds: in WGSL's order. */
export const select = (no: ScalarOrNumber, yes: ScalarOrNumber, condition: Scalar): Scalar =>
  call("select", no, yes, condition);

/** The indices that an expression has itself: the place that it loads, bounds. */
export function indicesOf(x: Scalar): readonly Index[] {
  if ("index" in x) return [x.index];
  return x.kind === "pieces" ? x.pieces.flatMap((p) => p.bounds.map((b) => b.value)) : [];
}

/** The expressions that an expression is made of, but for its indices. */
export function partsOf(x: Scalar): readonly Scalar[] {
  if (x.kind === "apply") return x.args;
  return x.kind === "pieces" ? [...x.pieces.map((p) => p.value), x.otherwise] : [];
}
