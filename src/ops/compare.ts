import { isFloat } from "../base/dtype.ts";
import { DtypeError } from "../base/errors.ts";
import { broadcastShapes } from "../base/shape.ts";
import { apply, withOp, type TensorLike } from "../graph/build.ts";
import type { Attrs, MapOp } from "../graph/op.ts";
import { call, constant, infix, select } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { binary, elementwise, unary } from "./elementwise.ts";
import { operandsOf, tensorOf } from "./operands.ts";

/** a = b; NaN equals nothing. */
export const equal = binary({
  name: "equal",
  takes: "compare",
  real: (a, b) => Number(a === b),
  scalar: ([a, b]) => infix(a, "==", b),
});

/** a ≠ b; true for NaN. */
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

/** a < b. */
export const less = binary({
  name: "less",
  takes: "order",
  real: (a, b) => Number(a < b),
  scalar: ([a, b]) => infix(a, "<", b),
});

/** a ≤ b. */
export const lessEqual = binary({
  name: "lessEqual",
  takes: "order",
  real: (a, b) => Number(a <= b),
  scalar: ([a, b]) => infix(a, "<=", b),
});

/** a > b. */
export const greater = binary({
  name: "greater",
  takes: "order",
  real: (a, b) => Number(a > b),
  scalar: ([a, b]) => infix(a, ">", b),
});

/** a ≥ b. */
export const greaterEqual = binary({
  name: "greaterEqual",
  takes: "order",
  real: (a, b) => Number(a >= b),
  scalar: ([a, b]) => infix(a, ">=", b),
});

/** a ∧ b. */
export const logicalAnd = binary({
  name: "logicalAnd",
  takes: "logical",
  real: (a, b) => a & b,
  scalar: ([a, b]) => infix(a, "&", b),
});

/** a ∨ b. */
export const logicalOr = binary({
  name: "logicalOr",
  takes: "logical",
  real: (a, b) => a | b,
  scalar: ([a, b]) => infix(a, "|", b),
});

/** One of a and b, but not both. */
export const logicalXor = binary({
  name: "logicalXor",
  takes: "logical",
  real: (a, b) => a ^ b,
  scalar: ([a, b]) => infix(a, "!=", b),
});

/** ¬x. */
export const logicalNot = unary({
  name: "logicalNot",
  takes: "logical",
  real: (x) => 1 - x,
  scalar: ([x]) => call("!", x),
});

// Compilers of WGSL may take it that floats are finite, so these test bits.

/** Whether x is not a number. */
export const isNaN = unary({
  name: "isNaN",
  takes: "order",
  real: (x) => Number(Number.isNaN(x)),
  scalar: ([x]) => (isFloat(x.dtype) ? call("isNan", x) : constant(0, "bool")),
});

/** Whether x is ∞ or −∞. */
export const isInf = unary({
  name: "isInf",
  takes: "order",
  real: (x) => Number(Math.abs(x) === Infinity),
  scalar: ([x]) => (isFloat(x.dtype) ? call("isInf", x) : constant(0, "bool")),
});

/** Whether x is neither infinite nor NaN. */
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

/** a where the condition holds, else b. */
export const where = withOp(
  (condition: Tensor, a: TensorLike, b: TensorLike): Tensor =>
    apply(whereOp, [tensorOf("where", condition), ...operandsOf("where", [a, b])], {}),
  whereOp,
);
