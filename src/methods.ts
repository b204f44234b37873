import type { TypedArray } from "./base/dtype.ts";
import type { GpuRange } from "./graph/backend.ts";
import {
  array,
  data,
  gpuBuffer,
  item,
  type DataOf,
  type DataOptions,
  type Nested,
} from "./graph/read.ts";
import { Tensor } from "./graph/tensor.ts";
import * as fluent from "./ops/fluent.ts";
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
    /**
     * The elements in row-major order, once they are computed, as a typed array of the user's own.
     * @param options "float64" for floats as the device holds them
     * @returns Float32Array, Int32Array, Uint32Array, or Uint8Array for bool, by the dtype
     */
    data<T extends TypedArray = DataOf>(options?: DataOptions): Promise<T>;
    /**
     * The elements nested as deep as the rank.
     * @returns numbers, or booleans for bool; a bare one for a scalar
     */
    array(): Promise<Nested>;
    /**
     * The one element of a tensor that has just one.
     * @returns the number; of bool 0 or 1
     * @throws ShapeError where there are more, or none
     */
    item(): Promise<number>;
    /**
     * Where the value lies in GPU memory; it stays there until the tensor is disposed.
     * @returns the buffer, and the place in it
     * @throws DeviceError on cpu
     */
    gpuBuffer(): Promise<GpuRange>;
    /** Writes the values to the console. */
    print(): Promise<void>;
  }
}

async function print(x: Tensor): Promise<void> {
  await data(x);
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

// What fluent.ts exports, by the names of the ops: an object of all these exports would take bundles twice the bytes. A
// test compares the two.
const named = [
  fluent.abs,
  fluent.add,
  fluent.cube,
  fluent.div,
  fluent.fmod,
  fluent.hypot,
  fluent.lerp,
  fluent.maximum,
  fluent.minimum,
  fluent.mul,
  fluent.neg,
  fluent.reciprocal,
  fluent.remainder,
  fluent.rsqrt,
  fluent.sqrt,
  fluent.square,
  fluent.squaredDifference,
  fluent.sub,
  fluent.celu,
  fluent.elu,
  fluent.gelu,
  fluent.logSigmoid,
  fluent.mish,
  fluent.selu,
  fluent.sigmoid,
  fluent.silu,
  fluent.softplus,
  fluent.softsign,
  fluent.swish,
  fluent.tanh,
  fluent.tanhShrink,
  fluent.broadcastTo,
  fluent.sum,
  fluent.cast,
  fluent.equal,
  fluent.greater,
  fluent.greaterEqual,
  fluent.isFinite,
  fluent.isInf,
  fluent.isNaN,
  fluent.less,
  fluent.lessEqual,
  fluent.logicalAnd,
  fluent.logicalNot,
  fluent.logicalOr,
  fluent.logicalXor,
  fluent.notEqual,
  fluent.where,
  fluent.erf,
  fluent.erfc,
  fluent.exp,
  fluent.exp2,
  fluent.expm1,
  fluent.log,
  fluent.log10,
  fluent.log1p,
  fluent.log2,
  fluent.logAddExp,
  fluent.pow,
  fluent.matmul,
  fluent.flip,
  fluent.reshape,
  fluent.transpose,
  fluent.clip,
  fluent.hardShrink,
  fluent.hardSigmoid,
  fluent.hardSwish,
  fluent.hardTanh,
  fluent.leakyRelu,
  fluent.relu,
  fluent.relu6,
  fluent.softShrink,
  fluent.step,
  fluent.all,
  fluent.any,
  fluent.argMax,
  fluent.argMin,
  fluent.max,
  fluent.min,
  fluent.prod,
  fluent.ceil,
  fluent.floor,
  fluent.floorDivide,
  fluent.round,
  fluent.sign,
  fluent.trunc,
  fluent.pad,
  fluent.slice,
  fluent.logSoftmax,
  fluent.logSumExp,
  fluent.softmax,
  fluent.norm,
  fluent.std,
  fluent.variance,
  fluent.acos,
  fluent.acosh,
  fluent.asin,
  fluent.asinh,
  fluent.atan,
  fluent.atan2,
  fluent.atanh,
  fluent.cos,
  fluent.cosh,
  fluent.sin,
  fluent.sinc,
  fluent.sinh,
  fluent.tan,
];
const others = {
  expandDims: fluent.expandDims,
  mean: fluent.mean,
  squeeze: fluent.squeeze,
  tile: fluent.tile,
  array,
  data,
  gpuBuffer,
  item,
  print,
  toString: formatTensor,
};
for (const f of named) install(f.op.name, f);
for (const [name, f] of Object.entries(others)) install(name, f);
// What Node's console.log shows.
install(Symbol.for("nodejs.util.inspect.custom"), formatTensor);
