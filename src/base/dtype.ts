import { DtypeError } from "./errors.ts";

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

/** Elements as a GPU holds them: what is written to a buffer, and read from one. */
export type StoredArray = Float32Array | Int32Array | Uint32Array;

/** A class of typed arrays. */
interface ArrayClass<T> {
  new (size: number): T;
  new (bytes: ArrayBuffer): T;
  from(values: ArrayLike<number>): T;
}

/** All that tells one dtype from another. */
interface DtypeRow {
  readonly kind: "float" | "integer" | "bool";
  /** Bytes of an element in GPU memory. */
  readonly bytes: number;
  /** WGSL type of an element in memory. */
  readonly stored: string;
  /** WGSL type of a value in an expression. */
  readonly computed: string;
  /** What an element lies in on its way to GPU memory and back. */
  readonly Stored: ArrayClass<StoredArray>;
  /** What the reference computes in. */
  readonly Reference: ArrayClass<HostArray>;
  /** What a user gets. */
  readonly Data: ArrayClass<HostArray>;
  readonly lowest: number;
  readonly highest: number;
}

/** The dtypes. A boolean takes a whole word in memory: WGSL lets no bool be stored there. */
export const DTYPES = {
  float32: {
    kind: "float",
    bytes: 4,
    stored: "f32",
    computed: "f32",
    Stored: Float32Array,
    Reference: Float64Array,
    Data: Float32Array,
    lowest: -Infinity,
    highest: Infinity,
  },
  int32: {
    kind: "integer",
    bytes: 4,
    stored: "i32",
    computed: "i32",
    Stored: Int32Array,
    Reference: Int32Array,
    Data: Int32Array,
    lowest: -(2 ** 31),
    highest: 2 ** 31 - 1,
  },
  uint32: {
    kind: "integer",
    bytes: 4,
    stored: "u32",
    computed: "u32",
    Stored: Uint32Array,
    Reference: Uint32Array,
    Data: Uint32Array,
    lowest: 0,
    highest: 2 ** 32 - 1,
  },
  bool: {
    kind: "bool",
    bytes: 4,
    stored: "u32",
    computed: "bool",
    Stored: Uint32Array,
    Reference: Uint8Array,
    Data: Uint8Array,
    lowest: 0,
    highest: 1,
  },
} as const satisfies Record<string, DtypeRow>;

/** What the elements of a tensor are. */
export type Dtype = keyof typeof DTYPES;

/** What is known of a dtype. */
export const rowOf = (dtype: Dtype): DtypeRow => DTYPES[dtype];

/** Throws a DtypeError for a name that JavaScript let through. */
export function checkDtype(op: string, dtype: Dtype): void {
  if (Object.hasOwn(DTYPES, dtype)) return;
  const names = Object.keys(DTYPES);
  const last = names.pop();
  throw new DtypeError(
    `${op}: there is no dtype ${dtype as string}; dtypes are ${names.join(", ")} and ${last}`,
  );
}

export const isFloat = (dtype: Dtype) => rowOf(dtype).kind === "float";
export const isInteger = (dtype: Dtype) => rowOf(dtype).kind === "integer";

/** Bytes that a tensor's elements take in GPU memory. */
export const sizeInBytes = ({ size, dtype }: { size: number; dtype: Dtype }): number =>
  size * rowOf(dtype).bytes;

/** WebGPU copies and writes buffers by whole words of 4 bytes: bytes, rounded up to what can be copied. */
export const wholeWords = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/** A zeroed array of `size` elements, as the reference computes in. */
export const hostArray = (dtype: Dtype, size: number): HostArray =>
  new (rowOf(dtype).Reference)(size);

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
  const { kind, lowest, highest } = rowOf(dtype);
  if (kind === "integer") return Number.isInteger(value) && value >= lowest && value <= highest;
  return kind === "float";
}

/** The dtype two operands meet in: equal ones stay, int32 with a float gives the float, anything else needs a cast. */
export function promote(op: string, a: Dtype, b: Dtype): Dtype {
  if (a === b) return a;
  const mixed = [a, b];
  const float = mixed.find(isFloat);
  if (float && mixed.includes("int32")) return float;
  throw new DtypeError(
    `${op}: ${a} and ${b} do not mix; cast one of them, as in x.cast("float32")`,
  );
}
