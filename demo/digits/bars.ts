import { make, percent } from "../dom.ts";

/** Ten rows: a digit, a bar, a percentage. */
export class Bars {
  readonly #rows;

  constructor(list: HTMLOListElement) {
    this.#rows = Array.from({ length: 10 }, (_, digit) => {
      const bar = make("i");
      const value = make("span", {}, "–");
      const row = make("li", {}, make("b", {}, String(digit)), bar, value);
      list.append(row);
      return { row, bar, value };
    });
  }

  /** Shows ten probabilities, or nothing. */
  show(probabilities: Float32Array | null): void {
    const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    this.#rows.forEach(({ row, bar, value }, digit) => {
      const share = probabilities?.[digit] ?? 0;
      bar.style.setProperty("--share", String(share));
      value.textContent = probabilities ? percent(share) : "–";
      row.classList.toggle("best", digit === best);
    });
  }
}
