import { effect } from "@preact/signals-core";
import { render, type ComponentChild } from "preact";

/** Shows what `view` gives in an element of the page, anew whenever a signal that it reads changes. */
export function mount(element: Element, view: () => ComponentChild): void {
  effect(() => render(view(), element));
}

/** Calls `draw` at the next frame, once however often it was asked for. */
export function onFrame(draw: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/** The element with this id, which the page has and which is of this class. */
export function byId<E extends Element>(id: string, kind: new () => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return element;
}
