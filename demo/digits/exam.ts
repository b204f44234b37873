import { mostLikely, type Digits } from "../mnist.ts";
import { make, paintInk, percent } from "../dom.ts";
import { side } from "./normalise.ts";

const tileCount = 36;

/** The image of a digit of the set. */
export const imageOf = ({ images }: Digits, i: number): Float32Array<ArrayBuffer> =>
  images.slice(i * side * side, (i + 1) * side * side);

interface Tile {
  button: HTMLButtonElement;
  canvas: HTMLCanvasElement;
  bars: HTMLElement[];
  answer: HTMLElement;
  correction: HTMLElement;
  /** Which digit of the test set it shows; −1: none yet. */
  shows: number;
}

/** Test digits with what the network takes them for; wrong answers are marked. */
export class ExamSheet {
  readonly #tiles: Tile[];
  readonly #test: Digits;
  readonly #onPick: (index: number) => void;
  #probabilities: Float32Array | null = null;
  /** Whether to show mistakes only. */
  onlyWrong = false;

  constructor(list: HTMLUListElement, test: Digits, onPick: (index: number) => void) {
    this.#test = test;
    this.#onPick = onPick;
    this.#tiles = Array.from({ length: tileCount }, () => this.#makeTile());
    list.replaceChildren(...this.#tiles.map(({ button }) => make("li", {}, button)));
    this.show(null);
  }

  #makeTile(): Tile {
    const canvas = make("canvas", { width: side, height: side });
    const bars = Array.from({ length: 10 }, () => make("i"));
    const answer = make("span", { className: "answer" }, "?");
    const correction = make("small");
    const button = make(
      "button",
      { type: "button" },
      canvas,
      make("span", { className: "spectrum" }, ...bars),
      make("span", { className: "marked" }, answer, " ", correction),
    );
    const tile: Tile = { button, canvas, bars, answer, correction, shows: -1 };
    button.addEventListener("click", () => this.#onPick(tile.shows));
    return tile;
  }

  /** Shows the answers; null: there are none yet. Returns how many are wrong. */
  show(probabilities: Float32Array | null): number {
    this.#probabilities = probabilities;
    const { labels } = this.#test;
    const answers = probabilities ? mostLikely(probabilities) : [];
    const wrong = answers.flatMap((digit, i) => (digit === labels[i] ? [] : [i]));
    const shown = this.onlyWrong && probabilities ? wrong : [...labels.keys()];
    this.#tiles.forEach((tile, place) => {
      tile.button.hidden = place >= shown.length;
      if (place < shown.length) this.#fill(tile, shown[place], answers[shown[place]]);
    });
    return wrong.length;
  }

  /** Shows the same answers again, after `onlyWrong` was changed. */
  refresh(): void {
    this.show(this.#probabilities);
  }

  #fill(tile: Tile, index: number, answer: number | undefined): void {
    if (tile.shows !== index) paintInk(tile.canvas, imageOf(this.#test, index));
    tile.shows = index;
    const label = this.#test.labels[index];
    const own = this.#probabilities?.subarray(10 * index, 10 * (index + 1));
    tile.bars.forEach((bar, digit) => {
      bar.style.setProperty("--share", String(own?.[digit] ?? 0));
      bar.className = digit === answer ? (digit === label ? "right" : "wrong") : "";
    });
    const wrong = answer !== undefined && answer !== label;
    tile.button.classList.toggle("wrong", wrong);
    tile.answer.textContent = String(answer ?? "?");
    tile.correction.textContent = wrong ? `it is ${label}` : "";
    // Holds the words that the tile shows: whoever speaks to the machine says what they see.
    const said =
      own && answer !== undefined
        ? `Read as ${answer}, ${wrong ? `it is ${label}` : "rightly"}, ${percent(own[answer])} sure`
        : `A ${label}, not read yet`;
    tile.button.ariaLabel = `${said}. Put it on the sheet.`;
  }
}
