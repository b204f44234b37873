import { hostArray, type Dtype, type HostArray } from "../base/dtype.ts";
import { DtypeError, ShapeError } from "../base/errors.ts";
import { sameShape, show, sizeOf, type Shape } from "../base/shape.ts";
import type { Spec } from "../graph/op.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import { sum } from "./broadcast.ts";
import { equal, where } from "./compare.ts";
import { clipIndex } from "./index-range.ts";
import { iota } from "./iota.ts";
import { reshape } from "./movement.ts";
import { operandsOf } from "./operands.ts";

// What the adjoints of gather and takeAlongAxis have in common.

/** Updates [outer, count, inner] that are added up at their indices to [outer, length, inner]. */
export interface Scatter {
  outer: number;
  count: number;
  inner: number;
  length: number;
}

/** An index as it is taken: within an axis of length `size`. */
export const clamp = (i: number, size: number): number => Math.min(Math.max(i, 0), size - 1);

/** The axes before those of the indices, these, and those behind, as one each. */
export const scatterOf = ({ shape }: Spec, from: number, to: number, length: number): Scatter => ({
  outer: sizeOf(shape.slice(0, from)),
  count: sizeOf(shape.slice(from, to)),
  inner: sizeOf(shape.slice(to)),
  length,
});

/** The reference: indices are one list, or one for each element before and behind. */
export function addUp(
  updates: HostArray,
  indices: HostArray,
  dtype: Dtype,
  { outer, count, inner, length }: Scatter,
): HostArray {
  const y = hostArray(dtype, outer * length * inner);
  const own = indices.length > count;
  for (let i = 0; i < updates.length; i++) {
    const row = Math.floor(i / inner);
    const place = clamp(indices[own ? i : row % count], length);
    y[(Math.floor(row / count) * length + place) * inner + (i % inner)] += updates[i];
  }
  return y;
}

/** yₖ = Σⱼ gⱼ [indexⱼ = k], for all k and j. */
export function compared(
  updates: Tensor,
  indices: Tensor,
  { outer, count, inner, length }: Scatter,
): Tensor {
  const hit = equal(reshape(iota([length]), [length, 1, 1]), clipIndex(indices, length));
  return sum(where(hit, reshape(updates, [outer, 1, count, inner]), 0), 2);
}

/** What is added at indices, as numbers of the dtype of both. */
export function summands(op: string, x: Tensor, updates: Tensor, shape: Shape): Tensor[] {
  checkTensor(op, updates);
  const both = operandsOf(op, [x, updates]);
  if (both[0].dtype === "bool") {
    throw new DtypeError(`${op}: takes numbers, got bool; cast it, as in x.cast("int32")`);
  }
  if (!sameShape(updates.shape, shape)) {
    throw new ShapeError(
      `${op}: updates are ${show(shape)} for these indices, got ${show(updates.shape)}`,
    );
  }
  return both;
}
