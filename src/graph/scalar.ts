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
  /** Whether it is made of nothing but constants. */
  isKnown: boolean;
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
  | ("sinc" | "sincDerivative" | "sinf" | "sinhf" | "tanf" | "tanhf")
  | ("erfcf" | "erff" | "exp2f" | "expf" | "expm1" | "log1p" | "log2f" | "logf" | "powf")
  | ("eluf" | "geluTanhf" | "geluf" | "logSigmoidf" | "mishf" | "sigmoidTimes" | "sigmoidf")
  | ("siluf" | "softplusf")
  | ("binade" | "floorDivf" | "fmodf" | "isInf" | "isNan" | "maximumf" | "minimumf")
  | ("remainderf" | "signf" | "toInt" | "toUint")
  | ("randomBits" | "randomNormal" | "randomPlace" | "uniformBetween" | "uniformFromBits");

/** The dtype of what has another one than its first argument, but for comparisons. */
const RESULTS: Partial<Record<Apply["f"], Dtype>> = {
  isInf: "bool",
  isNan: "bool",
  toInt: "int32",
  toUint: "uint32",
  randomNormal: "float32",
  randomPlace: "int32",
  sincDerivative: "float32",
  uniformFromBits: "float32",
};

export const constant = (value: number, dtype: Dtype): Constant => ({
  kind: "constant",
  value,
  dtype,
});

/** Bare numbers have the dtype of the expressions that they stand beside. */
type Operand = Scalar | number;

function typed(operands: readonly Operand[]): Scalar[] {
  const dtype = operands.find((x) => typeof x !== "number")?.dtype ?? "float32";
  return operands.map((x) => (typeof x === "number" ? constant(x, dtype) : x));
}

const apply = (f: Apply["f"], args: readonly Scalar[], dtype = args[0].dtype): Scalar => ({
  kind: "apply",
  f,
  args,
  dtype: /[=<>]/.test(f) ? "bool" : (RESULTS[f] ?? dtype),
  isKnown: args.every((x) => x.kind === "constant" || (x.kind === "apply" && x.isKnown)),
});

/** A function of some arguments, or an operator. */
export const call = (f: Operator | FunctionName, ...args: Operand[]): Scalar =>
  apply(f, typed(args));

/** a f b. */
export const infix = (a: Operand, f: Operator, b: Operand): Scalar => call(f, a, b);

/** `no`, or `yes` where the condition holds: in WGSL's order. */
export const select = (no: Operand, yes: Operand, condition: Scalar): Scalar =>
  apply("select", [...typed([no, yes]), condition]);

/** The same number in another dtype. */
export const convert = (dtype: Dtype, x: Scalar): Scalar => apply("convert", [x], dtype);

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
