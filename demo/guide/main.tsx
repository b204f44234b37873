import "uplot/dist/uPlot.min.css";
import { computed, signal } from "@preact/signals-core";
import type { Adapter } from "../adapter.ts";
import { showAdapter } from "../site/badge.tsx";
import { figure, stacked } from "../site/figure.ts";
import { byId, mount } from "../site/live.ts";
import { onMachine } from "../site/machine.ts";
import { plot, powerOfTen } from "../site/plot.ts";
import { offerPrograms, timeOf } from "../site/program/run.ts";

const adapter = signal<Adapter | null>(null);
showAdapter(adapter);

/** The losses of the program that trains, and how long it took as a whole. */
const losses = signal<Float32Array | null>(null);
const whole = signal<number | null>(null);

const programs = [...document.querySelectorAll<HTMLElement>("[data-program]")];
const training = programs.find(({ dataset }) => dataset["program"] === "training")!;
const run = offerPrograms({
  open: () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  hear(program, line) {
    if (line.kind === "adapter") adapter.value = line.adapter;
    else if (line.kind === "series") losses.value = line.values;
    else if (line.kind === "end" && program === training) whole.value = line.milliseconds;
  },
});
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
mount(byId("machine", HTMLElement), () => onMachine(adapter.value));

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
    `${byId("speed", HTMLElement).textContent} ms ${onMachine(adapter.value)}, GPU programs made and 301 steps`,
  ],
});

// Whoever comes to the training sees it happen.
const arrival = new IntersectionObserver((entries) => {
  if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
  arrival.disconnect();
  if (losses.value === null) run(training);
});
arrival.observe(byId("figure", HTMLElement));
