import { effect } from "@preact/signals-core";
import { mostLikely, type Digits } from "../mnist.ts";
import type { Palette } from "../site/palette.ts";
import { palette } from "../site/theme.ts";
import { paintInk } from "./ink.ts";
import { side } from "./normalise.ts";

const tileCount = 36;

/** The size of the ten bars, in CSS pixels. */
const bars = { width: 70, height: 22 };

/** The image of a digit of the set. */
export const imageOf = ({ images }: Digits, i: number): Float32Array<ArrayBuffer> =>
  images.slice(i * side * side, (i + 1) * side * side);

interface Tile {
  button: HTMLButtonElement;
  digit: HTMLCanvasElement;
  spectrum: HTMLCanvasElement;
  answer: HTMLElement;
  correction: HTMLElement;
  /** Which digit of the test set it shows; −1: none yet. */
  shows: number;
}

const make = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/** Test digits with what the network takes them for; wrong answers are marked. */
export class Tiles {
  readonly #tiles: Tile[];
  readonly #tests: Digits;
  readonly #onPick: (index: number) => void;
  #probabilities: Float32Array | null = null;
  #onlyWrong = false;

  constructor(list: HTMLElement, tests: Digits, onPick: (index: number) => void) {
    this.#tests = tests;
    this.#onPick = onPick;
    this.#tiles = Array.from({ length: tileCount }, () => this.#makeTile());
    list.replaceChildren(...this.#tiles.map(({ button }) => make("li", {}, button)));
    effect(() => {
      void palette.value;
      for (const tile of this.#tiles) tile.shows = -1;
      this.#fillAll();
    });
  }

  #makeTile(): Tile {
    const digit = make("canvas", { width: side, height: side });
    const spectrum = make("canvas", {
      className: "spectrum",
      width: bars.width * devicePixelRatio,
      height: bars.height * devicePixelRatio,
    });
    const answer = make("span", { className: "answer" }, "?");
    const correction = make("small", {});
    const marked = make("span", { className: "marked" }, answer, " ", correction);
    const button = make("button", { type: "button" }, digit, spectrum, marked);
    const tile: Tile = { button, digit, spectrum, answer, correction, shows: -1 };
    button.addEventListener("click", () => this.#onPick(tile.shows));
    return tile;
  }

  /** Shows the answers; null: there are none yet. */
  show(probabilities: Float32Array | null): void {
    this.#probabilities = probabilities;
    this.#fillAll();
  }

  /** Shows mistakes only, or a sample. */
  set onlyWrong(onlyWrong: boolean) {
    this.#onlyWrong = onlyWrong;
    this.#fillAll();
  }

  #fillAll(): void {
    const { labels } = this.#tests;
    const answers = this.#probabilities ? mostLikely(this.#probabilities) : [];
    const all = [...labels.keys()];
    const shown =
      this.#onlyWrong && this.#probabilities ? all.filter((i) => answers[i] !== labels[i]) : all;
    this.#tiles.forEach((tile, place) => {
      tile.button.hidden = place >= shown.length;
      if (place < shown.length) this.#fill(tile, shown[place], answers[shown[place]]);
    });
  }

  #fill(tile: Tile, index: number, answer: number | undefined): void {
    const colors = palette.peek();
    if (tile.shows !== index) paintInk(tile.digit, imageOf(this.#tests, index), colors.text);
    tile.shows = index;
    const label = this.#tests.labels[index];
    const own = this.#probabilities?.subarray(10 * index, 10 * (index + 1));
    const isWrong = answer !== undefined && answer !== label;
    drawSpectrum(tile.spectrum, own, isWrong, colors);
    tile.button.classList.toggle("wrong", isWrong);
    tile.answer.textContent = String(answer ?? "?");
    tile.correction.textContent = isWrong ? `it is ${label}` : "";
    // Holds the words that the tile shows: whoever speaks to the machine says what they see.
    const said =
      own && answer !== undefined
        ? `Read as ${answer}, ${isWrong ? `it is ${label}` : "rightly"}, ${Math.round(100 * own[answer])}% sure`
        : `A ${label}, not read yet`;
    tile.button.ariaLabel = `${said}. Put it on the sheet.`;
  }
}

/** Ten bars; the greatest in red where it is the wrong one. */
function drawSpectrum(
  canvas: HTMLCanvasElement,
  own: Float32Array | undefined,
  isWrong: boolean,
  colors: Palette,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = canvas;
  const step = width / 10;
  const best = own ? Math.max(...own) : 0;
  context.clearRect(0, 0, width, height);
  own?.forEach((share, digit) => {
    context.fillStyle = share < best ? colors.pencil : isWrong ? colors.red : colors.ink;
    const tall = Math.max(share, 0.03) * height;
    context.fillRect(digit * step + step * 0.1, height - tall, step * 0.8, tall);
  });
  context.fillStyle = colors.edge;
  context.fillRect(0, height - 1, width, 1);
}
