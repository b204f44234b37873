import type { Complex } from "../base/complex.ts";
import { isFloat, type Dtype } from "../base/dtype.ts";
import { broadcastShapes } from "../base/shape.ts";
import { apply, withOp, type TensorLike } from "../graph/build.ts";
import type { Attrs, ComplexFunctions, MapOp, Reference } from "../graph/op.ts";
import { call, type FunctionName, type Operator, type Scalar } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { operandsOf } from "./operands.ts";
import { wrongDtype } from "./takes.ts";

/** Which dtypes an elementwise op takes, and what it makes of them. */
type Signature =
  /** float32 to float32. */
  | "float"
  /** float32, int32 or uint32, kept. */
  | "number"
  /** Any dtype, to bool. */
  | "compare"
  /** Numbers only, to bool. */
  | "order"
  /** bool to bool. */
  | "logical";

/** One argument, or up to four. */
type Numbers =
  [number] | [number, number] | [number, number, number] | [number, number, number, number];

/** An elementwise op, as the tables in this folder write it. */
export interface Elementwise<N extends Numbers, A extends Attrs> {
  name: string;
  takes: Signature;
  /** The function on numbers, made of F's where Math lacks one: the reference. */
  real(...args: [...x: N, attrs: A, F: Reference["functions"]]): number;
  /** The function on int32 and uint32, where `real` would lose digits. */
  integer?(...args: [...x: N, attrs: A]): number;
  /** The function on complex numbers, made of C's, where it is analytic; piecewise ones branch on the real part. */
  complex?(
    C: ComplexFunctions,
  ): (...args: [...z: { [K in keyof N]: Complex }, attrs: A]) => Complex;
  /** The function as an expression of its arguments; by name where that is one that kernels know, of just these. */
  scalar: Operator | FunctionName | ((args: readonly Scalar[], attrs: A) => Scalar);
  expensive?: boolean;
  /** ∂y/∂xᵢ for each argument; absent where no derivative exists. */
  partials?(inputs: readonly Tensor[], y: Tensor, attrs: A): (Tensor | number | null)[];
  /** Where there is more to it than `takes` says. */
  infer?: MapOp<A>["infer"];
  /** Where it is not by `partials`. */
  derivative?: MapOp<A>["derivative"];
}

/**
 * The record of an elementwise op; both modes of differentiation follow from its partial derivatives.
 * @throws DtypeError when it is applied to what it does not take
 * @throws ShapeError when it is applied to shapes that do not broadcast
 */
/* @__NO_SIDE_EFFECTS__ */
export function elementwise<N extends Numbers, A extends Attrs>(rule: Elementwise<N, A>): MapOp<A> {
  const { name, partials, scalar } = rule;
  return {
    kind: "map",
    infer: (inputs) => ({
      shape: inputs.map((x) => x.shape).reduce((a, b) => broadcastShapes(name, a, b)),
      dtype: outputDtype(name, rule.takes, inputs[0].dtype),
    }),
    derivative: partials ? { kind: "partials", partials } : { kind: "none" },
    ...(rule as Elementwise<N, A> & Pick<MapOp, "real" | "integer" | "complex">),
    scalar: typeof scalar === "string" ? (args) => call(scalar, ...args) : scalar,
  };
}

/** What an op makes of a dtype; throws a DtypeError where it does not take it. */
export function outputDtype(name: string, takes: Signature, dtype: Dtype): Dtype {
  const bool = dtype === "bool";
  if (takes === "float" && !isFloat(dtype)) wrongDtype(name, "float32", dtype);
  if ((takes === "number" || takes === "order") && bool) wrongDtype(name, "numbers", dtype);
  if (takes === "logical" && !bool) wrongDtype(name, "bool", dtype);
  return takes === "float" || takes === "number" ? dtype : "bool";
}

/** A user's function of one tensor, with its record; one that is not used falls away. */
/* @__NO_SIDE_EFFECTS__ */
export function unary(rule: Elementwise<[number], Attrs>) {
  const op = elementwise(rule);
  return withOp(
    /**
     * @param x float32 of any shape, or a number
     * @returns of the shape and dtype of x
     * @throws DtypeError where x has another dtype
     */
    (x: TensorLike): Tensor => apply(op, operandsOf(op.name, [x]), {}),
    op,
  );
}

/** A user's function of two tensors that broadcast, with its record; one that is not used falls away. */
/* @__NO_SIDE_EFFECTS__ */
export function binary(rule: Elementwise<[number, number], Attrs>) {
  const op = elementwise(rule);
  return withOp(
    /**
     * @param a float32, or a number
     * @param b float32 of a shape that broadcasts with that of a, or a number
     * @returns of the shape to which a and b broadcast, and of their dtype
     * @throws DtypeError where an operand has another dtype, or the two do not mix
     * @throws ShapeError where the shapes do not broadcast
     */
    (a: TensorLike, b: TensorLike): Tensor => apply(op, operandsOf(op.name, [a, b]), {}),
    op,
  );
}
