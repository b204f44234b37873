import type { Dtype, HostArray } from "../../../base/dtype.ts";

/** Host data as a device stores it: floats as float32, booleans a word each. */
export function toDevice(
  data: HostArray,
  dtype: Dtype,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  switch (dtype) {
    case "float32":
      return data instanceof Float32Array
        ? (data as Float32Array<ArrayBuffer>)
        : Float32Array.from(data);
    case "int32":
      return data as Int32Array<ArrayBuffer>;
    default:
      return data instanceof Uint32Array
        ? (data as Uint32Array<ArrayBuffer>)
        : Uint32Array.from(data);
  }
}

/** Bytes that a device stored as host data. */
export function fromDevice(bytes: ArrayBuffer, dtype: Dtype): HostArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(bytes);
    case "int32":
      return new Int32Array(bytes);
    case "uint32":
      return new Uint32Array(bytes);
    case "bool":
      return Uint8Array.from(new Uint32Array(bytes));
  }
}
