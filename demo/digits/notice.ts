import { byId } from "../dom.ts";

/** A message with something to do about it. */
export class Notice {
  readonly #box = byId("notice", HTMLElement);
  readonly #text = byId("notice-text", HTMLElement);
  readonly #button = byId("notice-action", HTMLButtonElement);
  #action = (): void => {};

  constructor() {
    this.#button.addEventListener("click", () => {
      this.#box.hidden = true;
      this.#action();
    });
  }

  show(text: string, label: string, action: () => void): void {
    this.#text.textContent = text;
    this.#button.textContent = label;
    this.#action = action;
    this.#box.hidden = false;
  }
}
