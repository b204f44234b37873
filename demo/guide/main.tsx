import "uplot/dist/uPlot.min.css";
import { computed, signal } from "@preact/signals-core";
import type { Adapter } from "../adapter.ts";
import { adapterWords, showAdapter } from "../site/badge.tsx";
import { figure, stacked } from "../site/figure.ts";
import { byId, mount } from "../site/live.ts";
import { plot, powerOfTen } from "../site/plot.ts";
import type { Line } from "./protocol.ts";

const adapter = signal<Adapter | null>(null);
showAdapter(adapter);

/** The losses of the program that trains, and how long it took as a whole. */
const losses = signal<Float32Array | null>(null);
const whole = signal<number | null>(null);

const timeOf = (milliseconds: number) => milliseconds.toFixed(milliseconds < 100 ? 1 : 0);
const machine = () => {
  if (!adapter.value) return "on your GPU";
  return adapter.value.backend === "cpu"
    ? "on your processor"
    : `on ${adapterWords(adapter.value)[0]}`;
};

/** Runs the program of a figure in a thread of its own, unless it is running, and writes below it what it says. */
function run(program: HTMLElement): void {
  const button = program.querySelector("button")!;
  if (button.disabled) return;
  const output = program.querySelector("output")!;
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const lines: string[] = [];
  const end = (words: string) => {
    worker.terminate();
    button.disabled = false;
    program.querySelector("[role=status]")!.textContent = words;
  };
  button.disabled = true;
  program.querySelector("[role=status]")!.textContent = "It runs …";
  worker.addEventListener("message", ({ data }: MessageEvent<Line>) => {
    if (data.kind === "adapter") adapter.value = data.adapter;
    else if (data.kind === "text") lines.push(data.text);
    else if (data.kind === "series") losses.value = data.values;
    else if (data.kind === "failure") end(data.text);
    else {
      if (program === training) whole.value = data.milliseconds;
      end(`${timeOf(data.milliseconds)} ms ${machine()}, the making of its GPU programs included.`);
    }
    output.textContent = lines.join("\n");
  });
  worker.addEventListener("error", ({ message }) =>
    end(message || "The program could not be loaded."),
  );
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
  worker.postMessage(program.dataset["program"]);
}

const programs = [...document.querySelectorAll<HTMLElement>("[data-program]")];
const training = programs.find(({ dataset }) => dataset["program"] === "training")!;
for (const program of programs)
  program.querySelector("button")!.addEventListener("click", () => run(program));
run(programs[0]);

plot({
  frame: byId("losses", HTMLElement),
  readout: byId("losses-read", HTMLElement),
  x: { label: "step", range: [0, 300], format: (value) => (value % 1 ? "" : String(value)) },
  y: {
    label: "loss",
    isLog: true,
    format: (value) => Number(value.toPrecision(3)).toString(),
    tick: powerOfTen,
    range: () => [1e-4, 1],
  },
  series: [{ label: "loss", color: "ink" }],
  data: computed(() => {
    const values = losses.value ?? [];
    return { xs: Array.from(values, (_, i) => i + 1), ys: [values] };
  }),
  description: () => {
    const values = losses.peek();
    return values
      ? `The loss falls from ${values[0].toFixed(2)} to ${values.at(-1)?.toFixed(4)} in ${values.length} steps`
      : "Losses, none yet";
  },
});
mount(byId("speed", HTMLElement), () => (whole.value === null ? "–" : timeOf(whole.value)));
mount(byId("machine", HTMLElement), machine);

figure(byId("figure", HTMLElement), {
  name: "cotangent-guide",
  anchor: "training",
  reset() {
    losses.value = null;
    whole.value = null;
    run(training);
  },
  picture: async () => stacked(byId("losses", HTMLElement).querySelectorAll("canvas")),
  words: () => [
    byId("losses", HTMLElement).ariaLabel ?? "",
    `${byId("speed", HTMLElement).textContent} ms ${machine()}, GPU programs made and 301 steps`,
  ],
});

// Whoever comes to the training sees it happen.
const arrival = new IntersectionObserver((entries) => {
  if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
  arrival.disconnect();
  if (losses.value === null) run(training);
});
arrival.observe(byId("figure", HTMLElement));
