import { hostArray, type Dtype } from "../base/dtype.ts";
import { DtypeError } from "../base/errors.ts";
import { checkShape, sizeOf, type Shape } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { IotaOp } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { reshape } from "./movement.ts";

const iotaOp: IotaOp<{ length: number; dtype: Dtype }> = {
  kind: "iota",
  name: "iota",
  infer: (_, { length, dtype }) => ({ shape: [length], dtype }),
  derivative: { kind: "none" },
  cpu(_, __, { length, dtype }) {
    const y = hostArray(dtype, length);
    for (let i = 0; i < length; i++) y[i] = i;
    return y;
  },
  value: ([i]) => i,
};

/**
 * 0, 1, 2, … in row-major order over a shape, as integers, which wrap.
 * @param shape the lengths
 * @param dtype "int32" by default, or "uint32"
 * @returns of that shape and dtype
 * @throws ShapeError where that is no shape
 * @throws DtypeError where the dtype is another
 */
export const iota = withOp((shape: Shape, dtype: "int32" | "uint32" = "int32"): Tensor => {
  checkShape("iota", shape);
  if (dtype !== "int32" && dtype !== "uint32") {
    throw new DtypeError(`iota: its dtype is int32 or uint32, got ${String(dtype)}`);
  }
  return reshape(apply(iotaOp, [], { length: sizeOf(shape), dtype }), shape);
}, iotaOp);
