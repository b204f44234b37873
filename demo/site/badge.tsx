import type { Adapter } from "../adapter.ts";
import { mount, byId } from "./live.ts";
import type { ReadonlySignal } from "@preact/signals-core";

/** What computes, in two parts; whatever is no GPU is plainly called so. */
export function adapterWords({ backend, name, isFallback }: Adapter): [name: string, how: string] {
  if (backend === "cpu") return ["No GPU found", "computed by the processor, slowly"];
  if (isFallback) return [name || "A software adapter", "software adapter: no GPU found"];
  return [name || "An unnamed GPU", "through WebGPU"];
}

/** Shows in the page's head what computes. */
export function showAdapter(adapter: ReadonlySignal<Adapter | null>): void {
  const root = byId("device", HTMLElement);
  const waiting: [string, string] = ["Looking for a GPU …", "through WebGPU"];
  root.replaceChildren();
  mount(root, () => {
    const [name, how] = adapter.value ? adapterWords(adapter.value) : waiting;
    return (
      <>
        <b title={name}>{name}</b>
        <span title={how}>{how}</span>
      </>
    );
  });
}
