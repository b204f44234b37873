// The ops that are methods of tensors as well: elementwise, reductions, movement, matrix products and softmax.
export {
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
} from "./arithmetic.ts";
export {
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
} from "./activations.ts";
export { broadcastTo, sum, tile } from "./broadcast.ts";
export { cast } from "./cast.ts";
export {
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
} from "./compare.ts";
export {
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
} from "./exponential.ts";
export { matmul } from "./matmul.ts";
export { expandDims, flip, reshape, squeeze, transpose } from "./movement.ts";
export {
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
} from "./piecewise.ts";
export { all, any, argMax, argMin, max, min, prod } from "./reduce.ts";
export { ceil, floor, floorDivide, round, sign, trunc } from "./rounding.ts";
export { pad, slice } from "./slice.ts";
export { logSoftmax, logSumExp, softmax } from "./softmax.ts";
export { norm } from "./norm.ts";
export { mean, std, variance } from "./statistics.ts";
export {
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
} from "./trigonometric.ts";
