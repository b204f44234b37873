import { checkDtype, isFloat, rowOf, type Dtype } from "../base/dtype.ts";
import { apply, withOp } from "../graph/build.ts";
import { unchanged } from "../graph/identity.ts";
import type { MapOp } from "../graph/op.ts";
import { callAs } from "../graph/scalar.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";

interface CastAttrs {
  to: Dtype;
}

/** Conversions of WGSL clamp to the nearest float, 2³¹ − 128, and what they make of NaN is the driver's choice. */
const SATURATING = { int32: "toInt", uint32: "toUint" } as const;

const castOp: MapOp<CastAttrs> = {
  kind: "map",
  name: "cast",
  infer: ([x], { to }) => ({ shape: x.shape, dtype: to }),
  // From an integer or to one, nothing differentiable is left; between floats it is the identity.
  derivative: {
    kind: "partials",
    partials: ([x], _, { to }) => [isFloat(x.dtype) && isFloat(to) ? 1 : null],
  },
  real: (x: number, { to }: CastAttrs) =>
    to === "bool" ? Number(x !== 0) : isFloat(to) ? x : saturate(x, to),
  // What is stored as another integer keeps its bits.
  integer: (x: number, { to }: CastAttrs) => (to === "bool" ? Number(x !== 0) : x),
  scalar: ([x], { to }) =>
    isFloat(x.dtype) && (to === "int32" || to === "uint32")
      ? callAs(to, SATURATING[to], x)
      : callAs(to, "convert", x),
};

/** A float is cut toward zero and clamped to what the integer holds; NaN becomes 0. */
function saturate(x: number, to: Dtype): number {
  const { lowest, highest } = rowOf(to);
  return Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, lowest), highest));
}

/**
 * The same numbers in another dtype: floats are cut toward zero and clamped, int32
 * and uint32 share their bits, booleans are 0 and 1, and any number but 0 is true.
 * @param x any dtype and shape
 * @param dtype "float32", "int32", "uint32" or "bool"
 * @returns of the shape of x, of the dtype asked for
 * @throws DtypeError where there is no such dtype
 */
export const cast = withOp((x: Tensor, dtype: Dtype): Tensor => {
  checkTensor("cast", x);
  checkDtype("cast", dtype);
  return x.dtype === dtype ? unchanged(x) : apply(castOp, [x], { to: dtype } satisfies CastAttrs);
}, castOp);
