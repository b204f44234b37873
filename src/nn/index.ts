export * from "./activation-layers.ts";
export { Conv, conv1d, conv2d, type ConvLayerOptions } from "./conv-layers.ts";
export { softmaxCrossEntropy, type CrossEntropyOptions } from "./cross-entropy-loss.ts";
export { dropout, Dropout } from "./dropout.ts";
export { embedding, Embedding, type EmbeddingOptions } from "./embedding.ts";
export { flatten } from "./flatten.ts";
export * as init from "./init.ts";
export { layerNorm, LayerNorm } from "./layer-norm.ts";
export { linear, Linear, type LinearOptions } from "./linear.ts";
export {
  bceWithLogits,
  hinge,
  huber,
  logisticLoss,
  mae,
  mse,
  type BceOptions,
  type HuberOptions,
} from "./losses.ts";
export { accuracy } from "./metrics.ts";
export { mlp, type MlpOptions } from "./mlp.ts";
export { Module, type Layer } from "./module.ts";
export type { LossOptions, Reduction } from "./loss-reduction.ts";
export { sequential, Sequential } from "./sequential.ts";
