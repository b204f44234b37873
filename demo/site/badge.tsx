import type { Adapter } from "../adapter.ts";
import { adapterWords } from "./machine.ts";
import { mount, byId } from "./live.ts";
import type { ReadonlySignal } from "@preact/signals-core";

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
