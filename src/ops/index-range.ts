import { isInteger } from "../base/dtype.ts";
import { DtypeError, ValueError } from "../base/errors.ts";
import type { Spec } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { maximum, minimum } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { checkValues } from "./known.ts";

/** Indices clamped to an axis of length `size`, then as int32: a uint32 may be none before. */
export const clipIndex = (indices: Tensor, size: number): Tensor =>
  cast(minimum(maximum(indices, 0), Math.max(0, size - 1)), "int32");

/** Throws a DtypeError for indices that are no integers. */
export function checkIndices(op: string, indices: Spec): void {
  if (!isInteger(indices.dtype)) {
    throw new DtypeError(`${op}: indices are int32 or uint32, got ${indices.dtype}; cast them`);
  }
}

/** Throws a ValueError for indices out of range, where the host knows them. */
export function checkRange(op: string, indices: Tensor, size: number): void {
  checkValues(indices, (data) => {
    const bad = data.find((i) => i < 0 || i >= size);
    if (bad !== undefined) {
      throw new ValueError(`${op}: index ${bad} is outside of an axis of length ${size}`);
    }
  });
}

/** Throws a ValueError for labels that are none of the classes, nor the one that is ignored, where the host knows them. */
export function checkLabels(op: string, labels: Tensor, classes: number, ignored?: number): void {
  checkValues(labels, (data) => {
    const bad = data.find((label) => !(label >= 0 && label < classes) && label !== ignored);
    if (bad !== undefined) {
      throw new ValueError(
        `${op}: label ${bad} is outside of the ${classes} classes, 0 to ${classes - 1}`,
      );
    }
  });
}
