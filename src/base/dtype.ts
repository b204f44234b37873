import { DtypeError } from "./errors.ts";

/** What the elements of a tensor are. */
export type Dtype = "float32" | "int32" | "uint32" | "bool";

/** Elements as they come and go: one array type for each dtype. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array;

/** Elements as the host holds them: floats in float64 where the reference made them, booleans as 0 and 1. */
export type HostArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** Bytes of one element on a GPU, where a boolean takes a whole word. */
export const BYTES = 4;

/** Throws a DtypeError for a name that JavaScript let through. */
export function checkDtype(op: string, dtype: Dtype): void {
  if (Object.hasOwn(HOST_ARRAYS, dtype)) return;
  throw new DtypeError(
    `${op}: there is no dtype ${dtype as string}; dtypes are float32, int32, uint32 and bool`,
  );
}

/** What the elements of a dtype are computed in on the host. */
const HOST_ARRAYS: Record<Dtype, new (size: number) => HostArray> = {
  float32: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
};

export const isFloat = (dtype: Dtype) => dtype === "float32";
export const isInteger = (dtype: Dtype) => dtype === "int32" || dtype === "uint32";

/** A zeroed host array of `size` elements. */
export const hostArray = (dtype: Dtype, size: number): HostArray => new HOST_ARRAYS[dtype](size);

const AS_INT32 = [Int32Array, Int16Array, Uint16Array, Int8Array, Uint8Array, Uint8ClampedArray];

/** The dtype a typed array becomes; BigInt arrays are refused. */
export function dtypeOf(data: ArrayBufferView): Dtype {
  if (data instanceof Float32Array || data instanceof Float64Array) return "float32";
  if (data instanceof Uint32Array) return "uint32";
  if (AS_INT32.some((View) => data instanceof View)) return "int32";
  throw new DtypeError(
    `tensor: ${data.constructor.name} has no dtype here; use a Float32Array, Int32Array or Uint32Array`,
  );
}

/** Whether a number can be an element of `dtype` without losing anything but float precision. */
export function holds(dtype: Dtype, value: number): boolean {
  switch (dtype) {
    case "float32":
      return true;
    case "int32":
      return Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31;
    case "uint32":
      return Number.isInteger(value) && value >= 0 && value < 2 ** 32;
    case "bool":
      return false;
  }
}

/** The dtype two operands meet in: equal ones stay, int32 with float32 gives float32, anything else needs a cast. */
export function promote(op: string, a: Dtype, b: Dtype): Dtype {
  if (a === b) return a;
  const mixed = [a, b];
  if (mixed.includes("float32") && mixed.includes("int32")) return "float32";
  throw new DtypeError(
    `${op}: ${a} and ${b} do not mix; cast one of them, as in x.cast("float32")`,
  );
}
