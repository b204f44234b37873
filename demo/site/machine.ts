import type { Adapter } from "../adapter.ts";

/** What computes, in two parts; whatever is no GPU is plainly called so. */
export function adapterWords({ backend, name, isFallback }: Adapter): [name: string, how: string] {
  if (backend === "cpu") return ["No GPU found", "on the processor, slowly"];
  if (isFallback) return [name || "A software adapter", "software adapter: no GPU found"];
  return [name || "An unnamed GPU", "through WebGPU"];
}

/** Where a number was measured; before that is known, where it will be. */
export function onMachine(adapter: Adapter | null): string {
  if (!adapter) return "on your GPU";
  return adapter.backend === "cpu" ? "on your processor" : `on ${adapterWords(adapter)[0]}`;
}
