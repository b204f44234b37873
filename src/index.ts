// Bundlers lay modules out in this order, and compress these the better for it.
export {
  arange,
  eye,
  full,
  linspace,
  ones,
  tensor,
  variable,
  zeros,
  type NestedValues,
  type TensorOptions,
  type VariableOptions,
} from "./ops/create.ts";
export * as random from "./random/index.ts";
export { gradients } from "./autodiff/gradients.ts";
import "./methods.ts";

export { init, Device, type DeviceInfo, type InitOptions } from "./device.ts";
export {
  compile,
  type Argument,
  type ArgumentsOf,
  type Compiled,
  type CompileOptions,
  type Part,
} from "./compile/compile.ts";
export type { Profile } from "./inspect/profile.ts";
export {
  checkGradients,
  complexStepGrad,
  numericGrad,
  validate,
  type ComplexStepOptions,
  type Distance,
  type GradientReport,
  type NumericOptions,
  type ScalarFunction,
} from "./check/oracles.ts";
export {
  evaluationTrace,
  type EvaluationTrace,
  type TraceCost,
  type TraceNode,
} from "./check/evaluation-trace.ts";
export { numericGradError, type NumericError } from "./check/numeric-error.ts";
export type { Deviation, Validation } from "./inspect/validate.ts";
export * from "./base/errors.ts";
export type { Precision } from "./backends/cpu/cpu-backend.ts";
export type { ConvGeometry, Padding, Sizes } from "./base/conv-geometry.ts";
export type { Dtype, TypedArray } from "./base/dtype.ts";
export type { Shape } from "./base/shape.ts";
export { Tensor } from "./graph/tensor.ts";
export { Variable } from "./graph/variable.ts";
export type { TensorLike } from "./graph/build.ts";
export type { Dispatch, GpuRange, Memory, OnProgress, Plan } from "./graph/backend.ts";
export type { DataOf, DataOptions, Nested } from "./graph/read.ts";
export { checkpoint } from "./autodiff/checkpoint.ts";
export { customGradient, type WithGradient } from "./autodiff/custom-gradient.ts";
export {
  grad,
  valueAndGrad,
  type Gradient,
  type Gradients,
  type GradOptions,
} from "./autodiff/grad.ts";
export { hvp } from "./autodiff/hvp.ts";
export { hessian, jacobian, type Derivatives, type JacobianOptions } from "./autodiff/jacobian.ts";
export type { Along } from "./autodiff/nesting.ts";
export { jvp } from "./autodiff/jvp.ts";
export { vjp } from "./autodiff/vjp.ts";
export { vmap, type VmapOptions } from "./autodiff/vmap.ts";
export type { GeluOptions } from "./ops/activations.ts";
export type { Axes } from "./ops/axes.ts";
export * from "./ops/fluent.ts";
export { concat, split, stack } from "./ops/concat.ts";
export { conv1d, conv2d, type ConvOptions } from "./ops/conv.ts";
export { cosineSimilarity, type CosineSimilarityOptions } from "./ops/cosine-similarity.ts";
export { crossEntropy } from "./ops/cross-entropy.ts";
export { cumProd, cumSum, type CumulativeOptions } from "./ops/cumulative.ts";
export { xlogy } from "./ops/exponential.ts";
export { gather, scatterAdd, scatterAddAlongAxis, takeAlongAxis } from "./ops/gather.ts";
export { iota } from "./ops/iota.ts";
export * from "./ops/linalg/index.ts";
export type { MatmulOptions } from "./ops/matmul.ts";
export { moments } from "./ops/moments.ts";
export type { NormOptions } from "./ops/norm.ts";
export { oneHot } from "./ops/one-hot.ts";
export { argSort, sort, topK, type SortOptions, type TopKOptions } from "./ops/sort.ts";
export type { ReduceOptions } from "./ops/reduction.ts";
export { layerNorm, type LayerNormOptions, type VarianceOptions } from "./ops/statistics.ts";
export { stopGradient } from "./ops/stop-gradient.ts";
export { fit, type Criterion, type FitOptions, type Progress } from "./fit/fit.ts";
export type { EarlyStopping, History } from "./fit/training-history.ts";
export * as data from "./data/index.ts";
export * as nn from "./nn/index.ts";
export * as optim from "./optim/index.ts";
