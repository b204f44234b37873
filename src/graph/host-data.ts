import type { HostArray } from "../base/dtype.ts";
import { DeviceError } from "../base/errors.ts";
import { currentBackend, type Backend, type Storage } from "./backend.ts";
import { evaluate } from "./evaluate.ts";
import { describe, type Tensor } from "./tensor.ts";

/** The value, once it is computed, floats in the device's precision. */
export async function hostData(x: Tensor): Promise<HostArray> {
  const node = x.value;
  const backend = node.backend ?? currentBackend();
  if (node.source?.kind === "constant") backend?.check();
  else evaluate([node]);
  return sourceData(x.value, backend);
}

/** The value of a source, asked for before this returns; constants are rounded to the precision of `backend`. */
export async function sourceData(x: Tensor, backend: Backend | null): Promise<HostArray> {
  const { source } = x;
  if (source?.kind === "constant") {
    return backend ? backend.round(source.data, x.dtype) : source.data;
  }
  let storage: Storage;
  if (source?.kind === "variable") {
    // What is in its storage was computed on a device.
    storage = source.variable.backend!.copyOf(source.variable);
  } else if (source?.kind === "stored") {
    ({ storage } = source);
    storage.retain();
  } else {
    throw new DeviceError(`${describe(x)} has no value to read`);
  }
  try {
    return await storage.backend.read(storage, x);
  } finally {
    storage.release();
  }
}
