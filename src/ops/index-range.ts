import type { Tensor } from "../graph/tensor.ts";
import { maximum, minimum } from "./arithmetic.ts";
import { cast } from "./cast.ts";

/** Indices clamped to an axis of length `size`, then as int32: a uint32 may be none before. */
export const clipIndex = (indices: Tensor, size: number): Tensor =>
  cast(minimum(maximum(indices, 0), Math.max(0, size - 1)), "int32");
