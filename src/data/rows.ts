import type { HostArray, TypedArray } from "../base/dtype.ts";
import { sizeOf } from "../base/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { tensor } from "../ops/create.ts";
import { gather } from "../ops/gather.ts";
import { slice } from "../ops/slice.ts";

/** Rows of a tensor: a range of them, or a list. */
export type Rows = { start: number; end: number } | Int32Array;

/** Some rows of a tensor; of one whose numbers the host knows, picked on the host. */
export function rowsOf(x: Tensor, rows: Rows): Tensor {
  const { source } = x;
  if (source?.kind !== "constant") {
    return rows instanceof Int32Array
      ? gather(x, tensor(rows))
      : slice(x, [rows.start], [rows.end]);
  }
  const [, ...rest] = x.shape;
  const count = rows instanceof Int32Array ? rows.length : rows.end - rows.start;
  return tensor(pick(source.data, rows, sizeOf(rest)), [count, ...rest], { dtype: x.dtype });
}

function pick(data: HostArray, rows: Rows, width: number): TypedArray {
  if (!(rows instanceof Int32Array)) {
    return data.subarray(rows.start * width, rows.end * width);
  }
  const Values = data.constructor as new (length: number) => HostArray;
  const y = new Values(rows.length * width);
  rows.forEach((row, i) => y.set(data.subarray(row * width, (row + 1) * width), i * width));
  return y;
}
