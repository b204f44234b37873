import type { TypedArray } from "./base/dtype.ts";
import type { GpuRange } from "./graph/backend.ts";
import * as reading from "./graph/read.ts";
import type { DataOf, DataOptions, Nested } from "./graph/read.ts";
import { Tensor } from "./graph/tensor.ts";
import {
  abs,
  add,
  cube,
  div,
  fmod,
  hypot,
  lerp,
  maximum,
  minimum,
  mul,
  neg,
  reciprocal,
  remainder,
  rsqrt,
  sqrt,
  square,
  squaredDifference,
  sub,
} from "./ops/arithmetic.ts";
import {
  celu,
  elu,
  gelu,
  logSigmoid,
  mish,
  selu,
  sigmoid,
  silu,
  softplus,
  softsign,
  swish,
  tanh,
  tanhShrink,
} from "./ops/activations.ts";
import { broadcastTo, sum, tile } from "./ops/broadcast.ts";
import { cast } from "./ops/cast.ts";
import {
  equal,
  greater,
  greaterEqual,
  isFinite,
  isInf,
  isNaN,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
  where,
} from "./ops/compare.ts";
import {
  erf,
  erfc,
  exp,
  exp2,
  expm1,
  log,
  log10,
  log1p,
  log2,
  logAddExp,
  pow,
} from "./ops/exponential.ts";
import { matmul } from "./ops/matmul.ts";
import { expandDims, flip, reshape, squeeze, transpose } from "./ops/movement.ts";
import {
  clip,
  hardShrink,
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyRelu,
  relu,
  relu6,
  softShrink,
  step,
} from "./ops/piecewise.ts";
import { all, any, argMax, argMin, max, min, prod } from "./ops/reduce.ts";
import { ceil, floor, floorDivide, round, sign, trunc } from "./ops/rounding.ts";
import { pad, slice } from "./ops/slice.ts";
import { logSoftmax, logSumExp, softmax } from "./ops/softmax.ts";
import { norm } from "./ops/norm.ts";
import { mean, std, variance } from "./ops/statistics.ts";
import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cos,
  cosh,
  sin,
  sinc,
  sinh,
  tan,
} from "./ops/trigonometric.ts";
import type * as fluent from "./ops/fluent.ts";
import { formatTensor } from "./inspect/print.ts";

type Fluent = typeof fluent;

/** Every op whose first operand is a tensor is a method as well: x.matmul(w) is matmul(x, w). */
type Methods = {
  [K in keyof Fluent]: Fluent[K] extends (x: infer X, ...rest: infer R) => infer T
    ? Tensor extends X
      ? (...rest: R) => T
      : never
    : never;
};

declare module "./graph/tensor.ts" {
  interface Tensor extends Methods {
    /** The elements in row-major order, once they are computed, as a typed array of the user's own. */
    data<T extends TypedArray = DataOf>(options?: DataOptions): Promise<T>;
    /** The elements nested as deep as the rank. */
    array(): Promise<Nested>;
    /** The one element of a tensor that has just one. */
    item(): Promise<number>;
    /** Where the value lies in GPU memory; it stays there until the tensor is disposed. A DeviceError on cpu. */
    gpuBuffer(): Promise<GpuRange>;
    /** Writes the values to the console. */
    print(): Promise<void>;
  }
}

async function print(x: Tensor): Promise<void> {
  await reading.data(x);
  console.log(formatTensor(x));
}

function install(name: PropertyKey, f: (x: Tensor, ...rest: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: never[]) {
      return f(this, ...rest);
    },
    writable: true,
    configurable: true,
  });
}

// What fluent.ts exports, by the names of the ops: an object of all these exports would take bundles twice the bytes.
const named = [
  abs,
  add,
  cube,
  div,
  fmod,
  hypot,
  lerp,
  maximum,
  minimum,
  mul,
  neg,
  reciprocal,
  remainder,
  rsqrt,
  sqrt,
  square,
  squaredDifference,
  sub,
  celu,
  elu,
  gelu,
  logSigmoid,
  mish,
  selu,
  sigmoid,
  silu,
  softplus,
  softsign,
  swish,
  tanh,
  tanhShrink,
  broadcastTo,
  sum,
  cast,
  equal,
  greater,
  greaterEqual,
  isFinite,
  isInf,
  isNaN,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
  where,
  erf,
  erfc,
  exp,
  exp2,
  expm1,
  log,
  log10,
  log1p,
  log2,
  logAddExp,
  pow,
  matmul,
  flip,
  reshape,
  transpose,
  clip,
  hardShrink,
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyRelu,
  relu,
  relu6,
  softShrink,
  step,
  all,
  any,
  argMax,
  argMin,
  max,
  min,
  prod,
  ceil,
  floor,
  floorDivide,
  round,
  sign,
  trunc,
  pad,
  slice,
  logSoftmax,
  logSumExp,
  softmax,
  norm,
  std,
  variance,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cos,
  cosh,
  sin,
  sinc,
  sinh,
  tan,
];
const others = { expandDims, mean, squeeze, tile, ...reading, print, toString: formatTensor };
for (const f of named) install(f.op.name, f);
for (const [name, f] of Object.entries(others)) install(name, f);
// What Node's console.log shows.
install(Symbol.for("nodejs.util.inspect.custom"), formatTensor);
