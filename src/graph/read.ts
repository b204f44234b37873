import { rowOf, type Dtype, type HostArray, type TypedArray } from "../base/dtype.ts";
import { DeviceError, ShapeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import type { GpuRange } from "./backend.ts";
import { evaluate } from "./evaluate.ts";
import { hostData } from "./host-data.ts";
import { identity } from "./identity.ts";
import { describe, type Tensor } from "./tensor.ts";

/** Numbers or booleans nested as deep as the rank; a bare one for a scalar. */
export type Nested = number | boolean | Nested[];

/** How `data()` gives the elements. */
export interface DataOptions {
  /** "float64" gives floats as the device holds them, unrounded on the reference. */
  dtype?: "float64";
}

/** Values of more elements than this are not kept on the host for printing. */
const MOST_PRINTED = 10_000;

/** What `data()` returns for a dtype. */
export type DataOf = Float32Array | Int32Array | Uint32Array | Uint8Array;

/** The elements in row-major order, as a typed array of the user's own. */
export async function data<T extends TypedArray = DataOf>(
  x: Tensor,
  options: DataOptions = {},
): Promise<T> {
  checkOptions("data", options, ["dtype"]);
  const { dtype } = options;
  const values = await hostData(x);
  const own = dtype === "float64" ? Float64Array.from(values) : typed(values, x.dtype);
  const isKept = own.length <= MOST_PRINTED;
  x.printed = isKept ? own : null;
  return (isKept ? own.slice() : own) as T;
}

function typed(values: HostArray, dtype: Dtype): TypedArray {
  return rowOf(dtype).Data.from(values);
}

/** The elements nested as deep as the rank. */
export async function array(x: Tensor): Promise<Nested> {
  return nest(await data(x), x.shape, x.dtype);
}

/** Row-major elements nested by a shape. */
function nest(values: ArrayLike<number>, shape: readonly number[], dtype: Dtype): Nested {
  let at = 0;
  const build = (axis: number): Nested => {
    if (axis < shape.length) return Array.from({ length: shape[axis] }, () => build(axis + 1));
    const value = values[at++];
    return dtype === "bool" ? value !== 0 : value;
  };
  return build(0);
}

/** The one element of a tensor that has just one. */
export async function item(x: Tensor): Promise<number> {
  if (x.size !== 1) {
    throw new ShapeError(
      `item: ${describe(x)} has ${x.size} elements, not one; use data() or array()`,
    );
  }
  return (await data(x))[0];
}

/** Where the value lies in GPU memory, to draw from it, say; it stays there until the tensor is disposed. */
export async function gpuBuffer(x: Tensor): Promise<GpuRange> {
  const { source: known, versionOf } = x.value;
  const own = known?.kind === "constant" || versionOf ? identity(x) : x.value;
  evaluate([own]);
  if (own !== x.value) copies.set(x, own);
  const { source } = own;
  if (source?.kind !== "stored") throw new DeviceError(`gpuBuffer: ${describe(x)} has no value`);
  const range = await source.storage.backend.expose(source.storage);
  // Its place may be another value's if it was disposed meanwhile.
  void x.value;
  x.pin();
  return range;
}

/** Copies of constants and variables that have been asked for in GPU memory. */
const copies = new WeakMap<Tensor, Tensor>();
