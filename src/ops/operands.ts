import { describeOperand } from "../base/describe-value.ts";
import { holds, promote, type Dtype } from "../base/dtype.ts";
import { ArgumentError, DtypeError } from "../base/errors.ts";
import { scalar, type TensorLike } from "../graph/build.ts";
import { Tensor } from "../graph/tensor.ts";
import { cast } from "./cast.ts";
import { checkValues } from "./known.ts";

/** An operand of an op that takes just tensors. */
export function tensorOf(op: string, x: TensorLike): Tensor {
  if (x instanceof Tensor) return x;
  return numberAs(op, x, "float32");
}

/** Operands as tensors of one dtype: numbers take the dtype of the tensors they meet, int32 meets float32 in float32. */
export function operandsOf(op: string, values: readonly TensorLike[]): Tensor[] {
  const tensors = values.filter((v) => v instanceof Tensor).map((x) => x.value);
  const strong = tensors.filter((x) => !x.weak);
  const dtypes = (strong.length > 0 ? strong : tensors).map((x) => x.dtype);
  const dtype =
    dtypes.length === 0 ? "float32" : dtypes.reduce((a, b) => promote(op, a, b), dtypes[0]);
  return values.map((v) => operandAs(op, v, dtype));
}

/** An operand as a tensor of a given dtype. */
function operandAs(op: string, v: TensorLike, dtype: Dtype): Tensor {
  if (!(v instanceof Tensor)) return numberAs(op, v, dtype);
  const x = v.value;
  if (x.dtype === dtype) return x;
  if (x.weak && x.source?.kind === "constant") return numberAs(op, x.source.data[0], dtype);
  if (!x.weak || dtype === "bool") promote(op, x.dtype, dtype);
  // A number among the arguments of a compiled function: which one is known at each call. It is sent as a float32.
  else
    checkValues(x, ([value]) => {
      checkNumber(op, value, dtype);
      if (Math.fround(value) !== value)
        throw new DtypeError(`${op}: ${value} is no float32; pass a tensor`);
    });
  return cast(x, dtype);
}

/** A number as a tensor; throws a DtypeError where the dtype can't hold it, and an ArgumentError where it is none. */
export function numberAs(op: string, value: number, dtype: Dtype): Tensor {
  if (typeof value !== "number") {
    throw new ArgumentError(`${op}: expected a tensor or a number, got ${describeOperand(value)}`);
  }
  checkNumber(op, value, dtype);
  return scalar(value, dtype);
}

function checkNumber(op: string, value: number, dtype: Dtype): void {
  if (holds(dtype, value)) return;
  throw new DtypeError(
    `${op}: ${value} cannot be ${dtype}; cast the tensor it meets, as in x.cast("float32")`,
  );
}
