import { signal } from "@preact/signals-core";
import { mostLikely } from "../mnist.ts";
import { mount } from "../site/live.ts";
import type { Answer, Question } from "./protocol.ts";
import { verdict } from "./verdict.ts";

type Image = Float32Array<ArrayBuffer>;

/** Steps in which a digit is taught; one sees each of them. */
const lessons = 24;

/** Has the drawing read, one question at a time, and shows the answer; a wrong one can be put right. */
export class Reader {
  readonly image = signal<Image | null>(null);
  readonly #probabilities = signal<Float32Array | null>(null);
  readonly #label = signal(0);
  /** Lessons left of what is being taught. */
  readonly #left = signal(0);
  readonly #ask: (question: Question) => Promise<Answer>;
  readonly #said: HTMLElement;
  #saidOf: Image | null = null;
  #isBusy = false;
  #isStale = false;

  constructor(ask: (question: Question) => Promise<Answer>, element: (id: string) => HTMLElement) {
    this.#ask = ask;
    this.#said = element("said");
    mount(element("verdict"), () => {
      const p = this.#probabilities.value;
      return p ? verdict(p) : "Draw a digit and the network reads it.";
    });
    mount(element("bars"), () => this.#bars());
    mount(element("teach"), () => this.#teaching());
  }

  /** Reads a drawing, or clears the answer where there is none. */
  read(image: Image | null): void {
    this.image.value = image;
    this.#left.value = 0;
    this.#isStale = true;
    if (!image) this.#probabilities.value = null;
    void this.#next();
  }

  /** Reads it again. */
  ask(): void {
    if (!this.image.value || this.#left.value > 0) return;
    this.#isStale = true;
    void this.#next();
  }

  async #next(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    while (this.#isStale || this.#left.value > 0) {
      this.#isStale = false;
      const image = this.image.value;
      const label = this.#label.value;
      const isLesson = image !== null && this.#left.value > 0;
      const question: Question = isLesson
        ? { kind: "teach", image, label }
        : { kind: "classify", image };
      try {
        const { probabilities } = await this.#ask(question);
        if (image === this.image.value) this.#probabilities.value = probabilities ?? null;
      } catch (error) {
        console.error(error);
        this.#left.value = 0;
      }
      if (isLesson) this.#left.value = Math.max(0, this.#left.value - 1);
    }
    this.#isBusy = false;
    // Said aloud once for a drawing, though its bars move on while the network learns.
    const p = this.#probabilities.value;
    if (!p || this.image.value === this.#saidOf) return;
    this.#saidOf = this.image.value;
    this.#said.textContent = verdict(p);
  }

  #bars() {
    const p = this.#probabilities.value;
    const best = p ? mostLikely(p)[0] : -1;
    return Array.from({ length: 10 }, (_, digit) => (
      <li key={digit} class={digit === best ? "best" : ""}>
        <b>{digit}</b>
        <i class="share" style={{ "--share": String(p?.[digit] ?? 0) }} />
        <span>{p ? `${Math.round(100 * p[digit])}%` : "–"}</span>
      </li>
    ));
  }

  #teaching() {
    const isLearning = this.#left.value > 0;
    return (
      <>
        <label>
          Wrong? It is a{" "}
          <select
            value={String(this.#label.value)}
            onChange={({ currentTarget }) => (this.#label.value = Number(currentTarget.value))}
          >
            {Array.from({ length: 10 }, (_, digit) => (
              <option key={digit}>{digit}</option>
            ))}
          </select>
        </label>
        <button
          type="button"
          disabled={this.image.value === null || isLearning}
          onClick={() => {
            this.#left.value = lessons;
            void this.#next();
          }}
        >
          {isLearning ? `Learning: ${lessons - this.#left.value} of ${lessons}` : "Teach it"}
        </button>
      </>
    );
  }
}
