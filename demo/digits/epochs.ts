import { make, percent } from "../dom.ts";
import type { History } from "./history.ts";

/** The curves in numbers, a row for each finished epoch; the latest is announced too. */
export class EpochTable {
  readonly #body: HTMLTableSectionElement;
  readonly #announcement: HTMLElement;
  #history: History | null = null;

  constructor(body: HTMLTableSectionElement, announcement: HTMLElement) {
    this.#body = body;
    this.#announcement = announcement;
  }

  show(history: History): void {
    const body = this.#body;
    if (history !== this.#history) body.replaceChildren();
    this.#history = history;
    while (body.rows.length > history.epoch) body.deleteRow(-1);
    while (body.rows.length < history.epoch) {
      const epoch = body.rows.length + 1;
      const { loss, accuracy } = history.summary(epoch);
      // The exam comes after the steps.
      if (accuracy === undefined) return;
      const texts = [loss.toFixed(4), percent(accuracy, 2)];
      const cells = texts.map((text) => make("td", {}, text));
      body.append(make("tr", {}, make("th", { scope: "row" }, String(epoch)), ...cells));
      this.#announcement.textContent = `Epoch ${epoch}: loss ${texts[0]}, accuracy ${texts[1]}.`;
    }
  }
}
