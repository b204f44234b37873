import type { Dtype } from "../base/dtype.ts";
import { checkOptions } from "../base/options.ts";
import type { Shape } from "../base/shape.ts";
import { apply } from "../graph/build.ts";
import type { Fold, ReduceAttrs, ReduceOp, Spec } from "../graph/op.ts";
import { constant, type Scalar } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { axesOf, type Axes } from "./axes.ts";
import { inBlocks } from "./blocks.ts";
import { wrongDtype } from "./takes.ts";
import { reshape } from "./movement.ts";

/** How the result of a reduction is shaped. */
export interface ReduceOptions {
  /** Keep the reduced axes, with length 1. */
  keepDims?: boolean;
}

/** What a user's reduction is to do; `known` are its options. */
export function reduceAttrs<T extends ReduceOptions>(
  op: string,
  x: Tensor,
  axes: Axes | undefined,
  options: T,
  known: readonly (keyof T & string)[] = ["keepDims"],
): ReduceAttrs {
  checkOptions(op, options, known);
  return { axes: axesOf(op, x, axes), keepDims: options.keepDims ?? false };
}

/** The shape with the reduced axes of length 1, or without them. */
export function reducedShape(shape: Shape, { axes, keepDims }: ReduceAttrs): Shape {
  return keepDims
    ? shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** What all reductions share. */
export function reduction(
  takes: "numbers" | "bool",
  result?: Spec["dtype"],
): Pick<ReduceOp, "kind" | "infer" | "split"> {
  return {
    kind: "reduce",
    infer(this: ReduceOp, [{ shape, dtype }], attrs) {
      if ((dtype === "bool") !== (takes === "bool")) {
        wrongDtype(this.name, takes, dtype);
      }
      return { shape: reducedShape(shape, attrs), dtype: result ?? dtype };
    },
    // What blocks come to is of the same kind as their elements.
    split(this: ReduceOp, x, attrs, count) {
      const { identity } = this.fold(x.dtype);
      const { blocks, within, across } = inBlocks(x, attrs.axes, count, identity[0].value);
      const y = apply(this, [apply(this, [blocks], within)], across);
      return reshape(y, reducedShape(x.shape, attrs));
    },
  };
}

/** A fold whose state is one number or flag. */
export const simpleFold =
  (identity: (dtype: Dtype) => number, combine: (a: Scalar, b: Scalar) => Scalar) =>
  (dtype: Dtype): Fold => ({
    identity: [constant(identity(dtype), dtype)],
    lift: (value) => [value],
    combine: ([a], [b]) => [combine(a, b)],
    finish: ([state]) => state,
  });
