import type { HostArray } from "../base/dtype.ts";
import { DeviceError } from "../base/errors.ts";
import { currentBackend } from "./backend.ts";
import { evaluate } from "./evaluate.ts";
import { describe, type Tensor } from "./tensor.ts";

/** The value, once it is computed, floats in the device's precision. */
export async function hostData(x: Tensor): Promise<HostArray> {
  const node = x.value;
  if (node.source?.kind === "constant") {
    const backend = node.backend ?? currentBackend();
    backend?.check();
    return backend ? backend.round(node.source.data, node.dtype) : node.source.data;
  }
  evaluate([node]);
  const { source } = x.value;
  if (source?.kind === "variable") {
    // What is in its storage was computed on a device.
    const storage = source.variable.backend!.copyOf(source.variable);
    try {
      return await storage.backend.read(storage, x);
    } finally {
      storage.release();
    }
  }
  if (source?.kind !== "stored") throw new DeviceError(`${describe(x)} has no value to read`);
  const { storage } = source;
  storage.retain();
  try {
    return await storage.backend.read(storage, x);
  } finally {
    storage.release();
  }
}
