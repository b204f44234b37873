import type { Device } from "cotangent";
import { make } from "./dom.ts";

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

/** What computes, in words; whatever is no GPU is plainly called so. */
export function describeAdapter({ backend, name, isFallback }: Adapter): Node[] {
  if (backend === "cpu") {
    return [
      make("b", {}, "CPU reference"),
      make("span", {}, "plain JavaScript in float64, made to check results, not for speed"),
    ];
  }
  if (isFallback) {
    return [
      make("b", {}, name || "A software adapter"),
      make("span", {}, "software adapter: no GPU found"),
    ];
  }
  return [make("b", {}, name || "An unnamed GPU"), make("span", {}, "through WebGPU")];
}
