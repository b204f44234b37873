import { mostLikely } from "../mnist.ts";
import type { Bars } from "./bars.ts";
import { percent } from "../dom.ts";
import type { Request } from "./protocol.ts";

/** Asks the worker about the drawing, one question at a time, and shows the answer. */
export class Classifier {
  readonly #send: (request: Request) => void;
  readonly #bars: Bars;
  readonly #verdict: HTMLElement;
  readonly #said: HTMLElement;
  #saidOf: Float32Array | null = null;
  #image: Float32Array<ArrayBuffer> | null = null;
  #busy = false;
  #stale = false;

  constructor(
    send: (request: Request) => void,
    bars: Bars,
    verdict: HTMLElement,
    said: HTMLElement,
  ) {
    this.#send = send;
    this.#bars = bars;
    this.#verdict = verdict;
    this.#said = said;
    this.#show(null);
  }

  /** Asks about a drawing, or clears the answer where there is none. */
  ask(image: Float32Array<ArrayBuffer> | null): void {
    this.#image = image;
    this.#stale = true;
    if (!image) this.#show(null);
    this.#next();
  }

  answer(probabilities: Float32Array): void {
    this.#busy = false;
    if (this.#image) this.#show(probabilities);
    this.#next();
    // Said aloud once for a drawing, though its bars move on while the network learns.
    if (this.#stale || this.#image === this.#saidOf) return;
    this.#saidOf = this.#image;
    this.#said.textContent = this.#verdict.textContent;
  }

  #next(): void {
    if (this.#busy || !this.#stale || !this.#image) return;
    this.#busy = true;
    this.#stale = false;
    this.#send({ kind: "classify", image: this.#image });
  }

  #show(probabilities: Float32Array | null): void {
    this.#bars.show(probabilities);
    if (!probabilities) {
      this.#verdict.textContent = "Draw a digit and the network reads it.";
      return;
    }
    this.#verdict.textContent = verdict(probabilities);
  }
}

/** What ten probabilities amount to, in words. */
export function verdict(probabilities: Float32Array): string {
  const [digit] = mostLikely(probabilities);
  const share = probabilities[digit];
  const words = share > 0.9 ? "This is" : share > 0.5 ? "Probably" : "Perhaps";
  return `${words} ${digit === 8 ? "an" : "a"} ${digit} (${percent(share)}).`;
}
