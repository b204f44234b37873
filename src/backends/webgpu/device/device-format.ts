import { rowOf, type Dtype, type HostArray, type StoredArray } from "../../../base/dtype.ts";

/** Host data as a device stores it: floats as float32, booleans a word each. */
export function toDevice(data: HostArray, dtype: Dtype): StoredArray {
  const { Stored } = rowOf(dtype);
  return data instanceof Stored ? data : Stored.from(data);
}

/** Bytes that a device stored as host data. */
export function fromDevice(bytes: ArrayBuffer, dtype: Dtype): HostArray {
  const { Stored, Data } = rowOf(dtype);
  const stored = new Stored(bytes);
  return stored instanceof Data ? stored : Data.from(stored);
}
