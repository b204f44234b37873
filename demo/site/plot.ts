import { effect, type ReadonlySignal } from "@preact/signals-core";
import uPlot from "uplot";
import { minus } from "./minus.ts";
import type { ColorName } from "./palette.ts";
import { palette } from "./theme.ts";

interface Axis {
  label: string;
  isLog?: boolean;
  /** How a number of it is written at the axis, and beside the plot. */
  format?: (value: number) => string;
  /** At the axis alone, where that is to be shorter. */
  tick?: (value: number) => string;
  /** How a place of it is called beside the plot, where its label and its number don't say it: "40 bumps". */
  place?: (value: number) => string;
}

export interface Series {
  label: string;
  color: ColorName;
  width?: number;
  hasPoints?: boolean;
  /** A line to compare the others with, which is not read out. */
  isGuide?: boolean;
}

/** Numbers over common places. */
export interface PlotData {
  xs: ArrayLike<number>;
  /** For each series; null where there is none. */
  ys: readonly ArrayLike<number | null>[];
}

interface PlotOptions {
  frame: HTMLElement;
  /** Where the numbers under the pointer are read, or else the last. */
  readout?: HTMLElement;
  /** A <details> with a table in it, filled when it is open. */
  table?: HTMLDetailsElement;
  x: Axis & { range?: readonly [number, number] };
  y: Axis & { range: (low: number, high: number) => readonly [number, number] };
  series: readonly Series[];
  data: ReadonlySignal<PlotData>;
  /** A place that is marked in all series. */
  mark?: ReadonlySignal<number>;
  /** The place that is picked by pressing or dragging on the plot. */
  onPick?: (x: number) => void;
  /** In words, for whoever does not see it. */
  description: () => string;
}

const plain = (value: number) => value.toLocaleString("en", { maximumSignificantDigits: 4 });

const write = (value: number, format = plain) => minus(format(value));

/** A round number ≥ x, so that an axis grows now and then instead of always: 1, 2 or 5 times a power of ten. */
function roundUp(x: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(x, 1)));
  return power * ([1, 2, 5].find((m) => m * power >= x) ?? 10);
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10ⁿ, and nothing for what is no power of ten: for axes that span magnitudes. */
export function powerOfTen(value: number): string {
  const power = Math.round(Math.log10(value));
  if (Math.abs(Math.log10(value) - power) > 1e-6) return "";
  const digits = String(Math.abs(power)).replace(/\d/g, (d) => superscripts[Number(d)]);
  return `10${power < 0 ? "⁻" : ""}${digits}`;
}

/** Rows of a table: more than one reads. */
const mostRows = 40;

/** A chart of lines over x, in the colours of the theme and the size of its frame. */
class Plot {
  readonly #options: PlotOptions;
  readonly #plot: uPlot;
  #hover: number | null = null;

  constructor(options: PlotOptions) {
    this.#options = options;
    const { frame, data, table } = options;
    this.#plot = new uPlot(this.#uplotOptions(), this.#columns(), frame);
    effect(() => {
      void palette.value;
      void data.value;
      this.#draw();
    });
    effect(() => {
      void options.mark?.value;
      this.#plot.redraw(false);
    });
    // What was drawn goes with the GPU's process.
    frame.querySelector("canvas")?.addEventListener("contextrestored", () => this.#plot.redraw());
    table?.addEventListener("toggle", () => this.#tabulate());
    if (options.onPick) this.#listen(options.onPick);
  }

  /** Takes the size that its frame has now. */
  resize(): void {
    this.#plot.setSize(this.#size());
  }

  #size() {
    const { clientWidth: width, clientHeight: height } = this.#options.frame;
    return { width, height };
  }

  #columns(): uPlot.AlignedData {
    const { xs, ys } = this.#options.data.value;
    return [xs, ...ys] as unknown as uPlot.AlignedData;
  }

  #uplotOptions(): uPlot.Options {
    const { x, y, series, frame } = this.#options;
    const color = (name: ColorName) => () => palette.value[name];
    // Asked for once: a computed style is costly.
    const font = `12px ${getComputedStyle(frame).fontFamily}`;
    const axis = (of: Axis): uPlot.Axis => ({
      stroke: color("faded"),
      font,
      labelFont: font,
      label: of.label,
      labelSize: 16,
      labelGap: 0,
      gap: 4,
      grid: { stroke: color("rule"), width: 1 },
      ticks: { show: false },
      values: (_, ticks) =>
        ticks.map((tick) => (tick === null ? "" : write(tick, of.tick ?? of.format))),
    });
    return {
      ...this.#size(),
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: {
          time: false,
          distr: x.isLog ? 3 : 1,
          range: (_, low, high) => [...(x.range ?? [Math.min(low ?? 0, 0), roundUp(high ?? 1)])],
        },
        y: {
          distr: y.isLog ? 3 : 1,
          range: (_, low, high) => [...y.range(low ?? 0, high ?? 1)],
        },
      },
      axes: [
        { ...axis(x), size: 20, space: 60 },
        { ...axis(y), size: 44, space: 20 },
      ],
      series: [
        {},
        ...series.map(({ label, color: name, width = 2, hasPoints = false }) => ({
          label,
          width,
          stroke: color(name),
          points: { show: hasPoints, size: 5, fill: color(name) },
        })),
      ],
      hooks: {
        draw: [() => this.#mark()],
        setCursor: [
          ({ cursor }) => {
            this.#hover = cursor.idx ?? null;
            this.#read();
          },
        ],
      },
    };
  }

  #draw(): void {
    this.#plot.setData(this.#columns(), true);
    this.#options.frame.ariaLabel = this.#options.description();
    this.#read();
    this.#tabulate();
  }

  /** Writes the numbers under the pointer, or the last; the place for them has its size from the style sheet. */
  #read(): void {
    const { readout, data, x, y, series } = this.#options;
    if (!readout) return;
    const { xs, ys } = data.value;
    const at = this.#hover ?? xs.length - 1;
    const parts = series.flatMap(({ label, isGuide }, i) => {
      const value = ys[i]?.[at];
      return isGuide || value === undefined || value === null
        ? []
        : [`${series.length > 1 ? `${label} ` : ""}${write(value, y.format)}`];
    });
    const place = (value: number) => x.place?.(value) ?? `${x.label} ${write(value, x.format)}`;
    readout.textContent = parts.length === 0 ? "–" : `${parts.join(", ")} at ${place(xs[at])}`;
  }

  /** A line across the plot at the marked place, and a dot on each curve there. */
  #mark(): void {
    const { mark, data, series } = this.#options;
    const { xs, ys } = data.peek();
    if (!mark || xs.length < 2) return;
    const x = mark.peek();
    const { ctx, bbox } = this.#plot;
    const { red, card } = palette.peek();
    const left = this.#plot.valToPos(x, "x", true);
    ctx.save();
    Object.assign(ctx, { strokeStyle: red, fillStyle: red, lineWidth: devicePixelRatio });
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    ctx.strokeStyle = card;
    // The places of such a plot are at equal distances.
    const at = ((x - xs[0]) / (xs[xs.length - 1] - xs[0])) * (xs.length - 1);
    series.forEach((_, i) => {
      const value = ys[i]?.[Math.round(at)];
      if (value === undefined || value === null) return;
      ctx.beginPath();
      ctx.arc(left, this.#plot.valToPos(value, "y", true), 5 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
      ctx.stroke();
    });
    ctx.restore();
  }

  /** The same in numbers, some of the rows where there are many. */
  #tabulate(): void {
    const { table, data, x, y, series } = this.#options;
    if (!table?.open) return;
    const { xs, ys } = data.value;
    const stride = Math.max(1, Math.ceil(xs.length / mostRows));
    const cell = (tag: "th" | "td", text: string, scope = "") => {
      const made = document.createElement(tag);
      made.textContent = text;
      if (made instanceof HTMLTableCellElement && scope) made.scope = scope;
      return made;
    };
    const row = (...cells: HTMLElement[]) => {
      const made = document.createElement("tr");
      made.append(...cells);
      return made;
    };
    const body = [];
    for (let i = 0; i < xs.length; i += stride) {
      const values = ys.map((column) => column[i]);
      body.push(
        row(
          cell("th", write(xs[i], x.format), "row"),
          ...values.map((v) => cell("td", v === null ? "" : write(v, y.format))),
        ),
      );
    }
    const head = row(...[x.label, ...series.map((s) => s.label)].map((t) => cell("th", t, "col")));
    const made = document.createElement("table");
    const [thead, tbody] = [document.createElement("thead"), document.createElement("tbody")];
    thead.append(head);
    tbody.append(...body);
    made.append(thead, tbody);
    table.querySelector("table")?.remove();
    table.append(made);
  }

  /** Pressing or dragging on the plot picks a place; a finger that moves the page from there picks none. */
  #listen(onPick: (x: number) => void): void {
    const { over } = this.#plot;
    over.style.touchAction = "pan-y";
    const pick = (event: PointerEvent) => {
      const { left } = over.getBoundingClientRect();
      onPick(this.#plot.posToVal(event.clientX - left, "x"));
    };
    /** Where a finger came down of which it is not known what it is about. */
    let touched: PointerEvent | null = null;
    over.addEventListener("pointerdown", (event) => {
      over.setPointerCapture(event.pointerId);
      if (event.pointerType === "touch") touched = event;
      else pick(event);
    });
    over.addEventListener("pointermove", (event) => {
      if (!over.hasPointerCapture(event.pointerId)) return;
      const [x, y] = touched
        ? [event.clientX - touched.clientX, event.clientY - touched.clientY]
        : [1, 0];
      if (Math.abs(x) <= Math.abs(y)) return;
      touched = null;
      pick(event);
    });
    over.addEventListener("pointerup", (event) => {
      if (touched) pick(event);
      touched = null;
    });
    over.addEventListener("pointercancel", () => (touched = null));
  }
}

/** Draws a chart in its frame, and draws it again whenever its data change. */
export function plot(options: PlotOptions): void {
  let made: Plot | undefined;
  // It is made when the page is laid out anyway, for its first frame: each plot that asked for its size before would have
  // the whole page laid out for itself.
  new ResizeObserver(() => {
    if (made) made.resize();
    else made = new Plot(options);
  }).observe(options.frame);
}
