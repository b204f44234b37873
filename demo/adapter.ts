import type { Device } from "cotangent";

/** The device that computes, as it can be sent between threads. */
export interface Adapter {
  backend: "webgpu" | "cpu";
  name: string;
  isFallback: boolean;
}

export function adapterOf({ info, gpu }: Device): Adapter {
  const { backend, isFallback, vendor, architecture } = info;
  const name = gpu?.adapterInfo.description || [vendor, architecture].filter(Boolean).join(" ");
  return { backend, isFallback, name };
}
