import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { percent } from "../dom.ts";
import { History } from "./history.ts";

const style = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);

interface CurveOptions {
  series: { color: string; width: number; points?: boolean }[];
  /** The upper end of the scale, from the largest value. */
  top: (largest: number) => number;
  label: (value: number) => string;
  /** Told the place in the data under the pointer; null when it leaves. */
  onHover: (index: number | null) => void;
}

/** A line chart over steps that fits its frame and follows the page's colours. */
class Curve {
  readonly #plot: uPlot;
  readonly #frame: HTMLElement;

  constructor(frame: HTMLElement, { series, top, label, onHover }: CurveOptions) {
    this.#frame = frame;
    const axis: uPlot.Axis = {
      stroke: () => style("--faded"),
      font: `12px ${style("--sans")}`,
      grid: { stroke: () => style("--rule"), width: 1 },
      ticks: { show: false },
      gap: 4,
    };
    const options: uPlot.Options = {
      ...this.#size(),
      padding: [8, 12, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      scales: { x: { time: false }, y: { range: (_, __, largest) => [0, top(largest)] } },
      axes: [
        {
          ...axis,
          size: 20,
          space: 60,
          label: "step",
          labelSize: 16,
          labelFont: axis.font,
          labelGap: 0,
          values: (_, ticks) => ticks.map((step) => (step % 1 ? "" : step.toLocaleString("en"))),
        },
        { ...axis, size: 42, space: 36, values: (_, ticks) => ticks.map(label) },
      ],
      series: [
        {},
        ...series.map(({ color, width, points = false }) => ({
          stroke: () => style(color),
          width,
          points: { show: points, size: 5, fill: () => style(color) },
        })),
      ],
      hooks: { setCursor: [({ cursor }) => onHover(cursor.idx ?? null)] },
    };
    this.#plot = new uPlot(options, [[], ...series.map(() => [])], frame);
    new ResizeObserver(() => this.#plot.setSize(this.#size())).observe(frame);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      this.#plot.redraw(),
    );
  }

  #size() {
    return { width: this.#frame.clientWidth, height: this.#frame.clientHeight };
  }

  /** Draws the values over their steps, up to the last step of the run. */
  draw(steps: number[], values: number[][], lastStep: number, description: string): void {
    this.#plot.batch(() => {
      this.#plot.setData([steps, ...values], true);
      this.#plot.setScale("x", { min: 0, max: lastStep });
    });
    this.#frame.ariaLabel = description;
  }
}

/** What the charts show beside the curves: the value under the pointer, or else the latest. */
interface Readings {
  loss: HTMLElement;
  accuracy: HTMLElement;
}

/** The loss of each step, with its running mean, and the accuracy of each exam. */
export class Curves {
  readonly #loss: Curve;
  readonly #accuracy: Curve;
  readonly #readings: Readings;
  #history = new History(1);
  #hover: { loss: number | null; accuracy: number | null } = { loss: null, accuracy: null };

  constructor(frames: Readings, readings: Readings) {
    this.#readings = readings;
    const hover = (which: keyof Readings) => (index: number | null) => {
      this.#hover[which] = index;
      this.#read();
    };
    this.#loss = new Curve(frames.loss, {
      series: [
        { color: "--pencil", width: 1 },
        { color: "--ink", width: 2 },
      ],
      top: (largest) => Math.max(2.4, largest < Infinity ? largest : 5),
      label: (value) => (value < 1000 ? value.toFixed(1) : value.toExponential(0)),
      onHover: hover("loss"),
    });
    this.#accuracy = new Curve(frames.accuracy, {
      series: [{ color: "--ink", width: 2, points: true }],
      top: () => 1,
      label: (value) => percent(value),
      onHover: hover("accuracy"),
    });
    this.show(this.#history, 1);
  }

  show(history: History, lastStep: number): void {
    this.#history = history;
    const { losses, smooth, exams, step } = history;
    const end = Math.max(lastStep, step);
    const now = smooth.at(-1);
    this.#loss.draw(
      losses.map((_, i) => i + 1),
      [losses, smooth],
      end,
      now === undefined
        ? "Loss curve, empty"
        : `Loss curve over ${step} steps, from ${losses[0].toFixed(2)} to ${now.toFixed(2)}`,
    );
    const last = exams.at(-1);
    this.#accuracy.draw(
      exams.map((exam) => exam.step),
      [exams.map((exam) => exam.accuracy)],
      end,
      last
        ? `Accuracy curve, ${exams.length} points, from ${percent(exams[0].accuracy, 1)} to ${percent(last.accuracy, 1)}`
        : "Accuracy curve, empty",
    );
    this.#read();
  }

  #read(): void {
    const { losses, smooth, exams } = this.#history;
    const { loss: i, accuracy: j } = this.#hover;
    const loss = i === null ? smooth.at(-1) : losses[i];
    const exam = exams[j ?? exams.length - 1];
    const at = (step: number) => ` at step ${step.toLocaleString("en")}`;
    this.#readings.loss.textContent =
      loss === undefined ? "–" : loss.toFixed(3) + (i === null ? "" : at(i + 1));
    this.#readings.accuracy.textContent = exam
      ? percent(exam.accuracy, 1) + (j === null ? "" : at(exam.step))
      : "–";
  }
}
