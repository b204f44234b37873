export { adagrad, type AdagradOptions } from "./adagrad.ts";
export { adam, adamw, type AdamOptions } from "./adam.ts";
export { clipByGlobalNorm, clipByValue, globalNorm, type GlobalNormOptions } from "./clip.ts";
export { cyclic, oneCycle, type CyclicOptions, type OneCycleOptions } from "./cycles.ts";
export {
  Optimizer,
  type OptimizerOptions,
  type Rule,
  type Step,
  type Update,
} from "./optimizer.ts";
export { rmsprop, type RmspropOptions } from "./rmsprop.ts";
export * from "./schedules.ts";
export { sgd, type SgdOptions } from "./sgd.ts";
