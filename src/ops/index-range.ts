import type { Tensor } from "../graph/tensor.ts";
import { maximum, minimum } from "./arithmetic.ts";
import { cast } from "./cast.ts";

/** Indices as int32, clamped to an axis of length `size`. */
export const clipIndex = (indices: Tensor, size: number): Tensor =>
  minimum(maximum(cast(indices, "int32"), 0), size - 1);
