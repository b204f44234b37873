import { isFloat } from "../base/dtype.ts";
import { DtypeError } from "../base/errors.ts";
import { broadcastShapes } from "../base/shape.ts";
import { apply, withOp, type TensorLike } from "../graph/build.ts";
import type { Attrs, MapOp } from "../graph/op.ts";
import { call, constant, infix, select } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { binary, elementwise, unary } from "./elementwise.ts";
import { operandsOf, tensorOf } from "./operands.ts";

/**
 * a = b; NaN equals nothing.
 * @param a any dtype, or a number
 * @param b the same, of a shape that broadcasts with that of a
 * @returns bool, of the shape to which a and b broadcast
 */
export const equal = binary({
  name: "equal",
  takes: "compare",
  real: (a, b) => Number(a === b),
  scalar: "==",
});

/**
 * a ≠ b; true for NaN.
 * @param a any dtype, or a number
 * @param b the same, of a shape that broadcasts with that of a
 * @returns bool, of the shape to which a and b broadcast
 */
export const notEqual = binary({
  name: "notEqual",
  takes: "compare",
  real: (a, b) => Number(a !== b),
  // The built-in operator is false for NaN.
  scalar: ([a, b]) => {
    const differ = infix(a, "!=", b);
    if (!isFloat(a.dtype)) return differ;
    return infix(infix(differ, "|", call("isNan", a)), "|", call("isNan", b));
  },
});

/**
 * a < b.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 * @returns bool, of the shape to which a and b broadcast
 */
export const less = binary({
  name: "less",
  takes: "order",
  real: (a, b) => Number(a < b),
  scalar: "<",
});

/**
 * a ≤ b.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 * @returns bool, of the shape to which a and b broadcast
 */
export const lessEqual = binary({
  name: "lessEqual",
  takes: "order",
  real: (a, b) => Number(a <= b),
  scalar: "<=",
});

/**
 * a > b.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 * @returns bool, of the shape to which a and b broadcast
 */
export const greater = binary({
  name: "greater",
  takes: "order",
  real: (a, b) => Number(a > b),
  scalar: ">",
});

/**
 * a ≥ b.
 * @param a float32, int32 or uint32, or a number
 * @param b the same, of a shape that broadcasts with that of a
 * @returns bool, of the shape to which a and b broadcast
 */
export const greaterEqual = binary({
  name: "greaterEqual",
  takes: "order",
  real: (a, b) => Number(a >= b),
  scalar: ">=",
});

/**
 * a ∧ b.
 * @param a bool
 * @param b the same, of a shape that broadcasts with that of a
 * @returns bool, of the shape to which a and b broadcast
 */
export const logicalAnd = binary({
  name: "logicalAnd",
  takes: "logical",
  real: (a, b) => a & b,
  scalar: "&",
});

/**
 * a ∨ b.
 * @param a bool
 * @param b the same, of a shape that broadcasts with that of a
 * @returns bool, of the shape to which a and b broadcast
 */
export const logicalOr = binary({
  name: "logicalOr",
  takes: "logical",
  real: (a, b) => a | b,
  scalar: "|",
});

/**
 * One of a and b, but not both.
 * @param a bool
 * @param b the same, of a shape that broadcasts with that of a
 * @returns bool, of the shape to which a and b broadcast
 */
export const logicalXor = binary({
  name: "logicalXor",
  takes: "logical",
  real: (a, b) => a ^ b,
  scalar: "!=",
});

/**
 * ¬x.
 * @param x bool, of any shape
 * @returns bool, of the shape of x
 */
export const logicalNot = unary({
  name: "logicalNot",
  takes: "logical",
  real: (x) => 1 - x,
  scalar: "!",
});

// Compilers of WGSL may take it that floats are finite, so these test bits.

/**
 * Whether x is not a number.
 * @param x float32, int32 or uint32, of any shape, or a number
 * @returns bool, of the shape of x
 */
export const isNaN = unary({
  name: "isNaN",
  takes: "order",
  real: (x) => Number(Number.isNaN(x)),
  scalar: ([x]) => (isFloat(x.dtype) ? call("isNan", x) : constant(0, "bool")),
});

/**
 * Whether x is ∞ or −∞.
 * @param x float32, int32 or uint32, of any shape, or a number
 * @returns bool, of the shape of x
 */
export const isInf = unary({
  name: "isInf",
  takes: "order",
  real: (x) => Number(Math.abs(x) === Infinity),
  scalar: ([x]) => (isFloat(x.dtype) ? call("isInf", x) : constant(0, "bool")),
});

/**
 * Whether x is neither infinite nor NaN.
 * @param x float32, int32 or uint32, of any shape, or a number
 * @returns bool, of the shape of x
 */
export const isFinite = unary({
  name: "isFinite",
  takes: "order",
  real: (x) => Number(Number.isFinite(x)),
  scalar: ([x]) =>
    isFloat(x.dtype)
      ? call("!", infix(call("isNan", x), "|", call("isInf", x)))
      : constant(1, "bool"),
});

const whereOp: MapOp = elementwise<[number, number, number], Attrs>({
  name: "where",
  takes: "compare",
  real: (condition, a, b) => (condition ? a : b),
  complex: () => (condition, a, b) => (condition.re ? a : b),
  scalar: ([condition, a, b]) => select(b, a, condition),
  infer([condition, a, b]) {
    if (condition.dtype !== "bool") {
      throw new DtypeError(
        `where: takes a bool condition, got ${condition.dtype}; compare it, as in x.notEqual(0)`,
      );
    }
    const shape = broadcastShapes("where", a.shape, b.shape);
    return { shape: broadcastShapes("where", condition.shape, shape), dtype: a.dtype };
  },
  // By selection, so that NaN or infinity in the branch that was not taken has no effect.
  derivative: {
    kind: "linear",
    transpose: (g, [condition]) => [null, where(condition, g, 0), where(condition, 0, g)],
  },
});

/**
 * a where the condition holds, else b.
 * @param condition bool
 * @param a any dtype, or a number
 * @param b the dtype of a, or a number; the three shapes broadcast
 * @returns of the shape to which the three broadcast, and of the dtype of a and b
 * @throws DtypeError where the condition is not bool, or a and b do not mix
 * @throws ShapeError where the shapes do not broadcast
 */
export const where = withOp(
  (condition: Tensor, a: TensorLike, b: TensorLike): Tensor =>
    apply(whereOp, [tensorOf("where", condition), ...operandsOf("where", [a, b])], {}),
  whereOp,
);
