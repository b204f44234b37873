import type { Pointed } from "./pointing.ts";
import type { Anatomy } from "./protocol.ts";
import { svg } from "./svg.ts";
import { bytesWords } from "./words.ts";

const left = 64;
const bottom = 26;
const top = 6;

/** Temporary values as rectangles: programs from left to right, places in memory upwards. */
export class MemoryMap {
  onPoint: (pointed: Pointed | null) => void = () => {};
  onChoose: (program: number) => void = () => {};
  readonly #root = svg("svg", { role: "img" });
  /** Of the frame, as it was told last: to ask would have the page laid out at once. */
  #size = { width: 0, height: 0 };
  #anatomy: Anatomy | null = null;
  #blocks = new Map<number, SVGRectElement>();
  #now: SVGRectElement | null = null;
  #pointed: Pointed | null = null;

  constructor(frame: HTMLElement) {
    frame.append(this.#root);
    new ResizeObserver(([{ contentRect }]) => {
      this.#size = contentRect;
      this.#draw();
    }).observe(frame);
    const at = (target: EventTarget | null) => this.#at(target);
    this.#root.addEventListener("pointermove", ({ target, pointerType }) => {
      if (pointerType === "mouse") this.onPoint(at(target));
    });
    this.#root.addEventListener("pointerleave", () => this.onPoint(null));
    this.#root.addEventListener("click", ({ target }) => {
      const found = at(target);
      if (!found) return;
      this.onPoint(found);
      if (found.programs.length > 0) this.onChoose(found.programs[0]);
    });
  }

  show(anatomy: Anatomy): void {
    this.#anatomy = anatomy;
    this.#draw();
  }

  light(pointed: Pointed | null): void {
    this.#pointed = pointed;
    const { dispatches = [] } = this.#anatomy ?? {};
    const bound = pointed?.programs.flatMap(
      (p) => dispatches[p]?.bindings.flatMap((b) => b.blocks) ?? [],
    );
    const lit = new Set(pointed?.block === undefined ? bound : [pointed.block]);
    for (const [i, rect] of this.#blocks) rect.classList.toggle("lit", lit.has(i));
    const program = pointed?.programs[0];
    const { width } = this.#scale;
    this.#now?.setAttribute("x", String(left + (program ?? 0) * width));
    this.#now?.setAttribute("width", String(program === undefined ? 0 : width));
  }

  #at(target: EventTarget | null): Pointed | null {
    const found = [...this.#blocks].find(([, rect]) => rect === target);
    if (!found || !this.#anatomy) return null;
    const [block] = found;
    const { dispatches } = this.#anatomy;
    const programs = [...dispatches.keys()].filter((p) =>
      dispatches[p].bindings.some(({ blocks }) => blocks.includes(block)),
    );
    return { programs, block };
  }

  /** Pixels of a program, and of a byte. */
  get #scale() {
    const { dispatches = [], temporaryBytes = 0 } = this.#anatomy ?? {};
    return {
      width: Math.max(0, this.#size.width - left) / Math.max(1, dispatches.length),
      byte: Math.max(0, this.#size.height - bottom - top) / Math.max(1, temporaryBytes),
    };
  }

  #draw(): void {
    if (!this.#anatomy || this.#size.width === 0) return;
    const { blocks, dispatches, temporaryBytes } = this.#anatomy;
    const { width, byte } = this.#scale;
    const floor = this.#size.height - bottom;
    this.#root.setAttribute("viewBox", `0 0 ${this.#size.width} ${this.#size.height}`);
    this.#root.setAttribute(
      "aria-label",
      `${blocks.filter(({ kind }) => kind === "temporary").length} values in ${bytesWords(temporaryBytes)} of memory over ${dispatches.length} programs`,
    );
    this.#now = svg("rect", { class: "now", y: top, height: floor - top, width: 0 });
    const all: SVGElement[] = [this.#now];
    const label = (x: number, y: number, words: string, anchor: string) => {
      const text = svg("text", { x, y, "text-anchor": anchor });
      text.textContent = words;
      all.push(text);
    };
    for (const share of [0, 0.5, 1]) {
      const y = floor - share * (floor - top);
      all.push(svg("line", { x1: left, x2: this.#size.width, y1: y, y2: y }));
      label(left - 6, y + (share === 1 ? 10 : 4), bytesWords(share * temporaryBytes), "end");
    }
    const every = Math.max(1, Math.ceil(22 / Math.max(1, width)));
    dispatches.forEach((_, i) => {
      if (i % every === 0) label(left + (i + 0.5) * width, floor + 16, String(i + 1), "middle");
    });
    this.#blocks = new Map();
    blocks.forEach(({ kind, first, last, offset, bytes }, i) => {
      if (kind !== "temporary") return;
      const end = Math.min(last + 1, dispatches.length);
      const rect = svg("rect", {
        class: "block",
        x: left + first * width,
        width: Math.max(1, (end - first) * width),
        y: floor - (offset + bytes) * byte,
        height: Math.max(1, bytes * byte),
      });
      this.#blocks.set(i, rect);
      all.push(rect);
    });
    this.#root.replaceChildren(...all);
    this.light(this.#pointed);
  }
}
