import type { Shape } from "../base/shape.ts";
import type { Tensor } from "../graph/tensor.ts";

/** Start values of a weight, by its shape. Those that are random repeat after `random.seed`. */
export type Initializer = (shape: Shape) => Tensor;
