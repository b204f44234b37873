import { normalizeAxes, normalizeAxis } from "../base/shape.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";

/** One axis, or several; negative ones count from the back. */
export type Axes = number | readonly number[];

/** An axis of x, counted from the front; throws a DtypeError where x is no tensor. */
export function axisOf(op: string, x: Tensor, axis: number): number {
  checkTensor(op, x);
  return normalizeAxis(op, axis, x.shape);
}

/** Axes of x from the front, in order, each once; all of them where none are given. */
export function axesOf(op: string, x: Tensor, axes: Axes | undefined): number[] {
  checkTensor(op, x);
  return normalizeAxes(op, axes, x.shape);
}
