import "uplot/dist/uPlot.min.css";
import { computed, effect, signal, untracked } from "@preact/signals-core";
import { Chips } from "../site/chips.tsx";
import { Controls } from "../site/controls.tsx";
import { figure, stacked } from "../site/figure.ts";
import { latest } from "../site/latest.ts";
import { byId, mount } from "../site/live.ts";
import { onMachine } from "../site/machine.ts";
import { minus } from "../site/minus.ts";
import { furnish, linked } from "../site/page.ts";
import { plot, powerOfTen, type PlotData } from "../site/plot.ts";
import { Run } from "../site/run.ts";
import type { Answer, Question } from "./protocol.ts";
import { fields, names } from "./settings.ts";

const element = (id: string) => byId(id, HTMLElement);

const from = fields.x.parse("-5") ?? 0;
const count = 401;
/** Where the curves are computed. */
const xs = Float32Array.from({ length: count }, (_, i) => from + (10 * i) / (count - 1));

const settings = linked(fields);
/** Counts up when all has to be computed anew. */
const turn = signal(0);
const curves = signal<readonly Float32Array[]>([]);
/** f, f′ and f″ at the place that is looked at. */
const here = signal<Float32Array | null>(null);
/** Sizes through the layers, and of which activation they are. */
const sizes = signal<{
  name: keyof typeof names;
  values: Float32Array;
  gradients: Float32Array;
} | null>(null);
const speed = signal<number | null>(null);

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const run = new Run<typeof fields, Question, Answer>({
  worker,
  settings,
  onReport({ kind }) {
    if (kind === "ready" || kind === "lost") turn.value++;
  },
});

const activation = computed(() => settings.signal.value.activation);
const init = computed(() => settings.signal.value.init);

const askCurves = latest(async (name: typeof activation.value) => {
  const all = await run.ask({ kind: "derivatives", activation: name, xs });
  curves.value = [0, 1, 2].map((i) => all.subarray(i * count, (i + 1) * count));
  const [persecond] = await run.ask({ kind: "speed", activation: name });
  speed.value = persecond;
});
const askHere = latest(async (name: typeof activation.value, x: number) => {
  here.value = await run.ask({ kind: "derivatives", activation: name, xs: Float32Array.of(x) });
});
const askDepths = latest(async (name: typeof activation.value, start: typeof init.value) => {
  const all = await run.ask({ kind: "depths", activation: name, init: start });
  const half = all.length / 2;
  sizes.value = { name, values: all.subarray(0, half), gradients: all.subarray(half) };
});
effect(() => {
  if (turn.value > 0) askCurves(activation.value);
});
effect(() => {
  if (turn.value > 0) askDepths(activation.value, init.value);
});
effect(() => {
  const { activation: name, x } = settings.signal.value;
  if (turn.value > 0) askHere(name, x);
});

furnish(run);

/** How much of a gradient of size 1 is left at the first layer, in words. */
function fate(left: number): string {
  const times = (n: number) => Number(n.toPrecision(2)).toLocaleString("en");
  if (left === 0) return "nothing is left of the gradient";
  if (left < 1e-6) return "next to nothing is left of the gradient";
  if (left < 0.67) return `the gradient shrinks to 1/${times(1 / left)} of its size`;
  if (left > 1e6) return "the gradient explodes";
  if (left > 1.5) return `the gradient grows to ${times(left)} times its size`;
  return "the gradient arrives about as it left";
}

mount(element("story"), () => {
  const { value } = sizes;
  if (!value) return "What an activation does, and what it does to the gradient.";
  return (
    <>
      Through 20 layers of <em>{names[value.name]}</em>, {fate(value.gradients[0])}.
    </>
  );
});
mount(element("chips"), () => (
  <Chips
    name="activation"
    options={names}
    value={activation.value}
    choose={(name) => settings.set({ activation: name })}
  />
));
mount(element("place"), () => <Controls settings={settings} names={["x"]} />);
mount(element("start"), () => <Controls settings={settings} names={["init"]} />);
effect(() => {
  for (const formula of element("formulas").querySelectorAll<HTMLElement>("[data-formula]"))
    formula.hidden = formula.dataset["formula"] !== activation.value;
});

const labels = ["f(x)", "f′(x)", "f″(x)"];
const precise = (value: number) =>
  minus(Math.abs(value) < 1e-4 && value !== 0 ? value.toExponential(2) : value.toFixed(4));
labels.forEach((label, i) => {
  mount(element(`value-${i}`), () => (here.value ? precise(here.value[i]) : "–"));
  const data = computed<PlotData>(() => ({ xs, ys: [curves.value[i] ?? []] }));
  plot({
    frame: element(`plot-${i}`),
    x: { label: i === 2 ? "x" : "", range: [-5, 5] },
    y: { label, range: (low, high) => rangeOf(low, high) },
    series: [{ label, color: "ink" }],
    data,
    mark: computed(() => settings.signal.value.x),
    onPick: (x) => settings.set({ x: Math.round(Math.min(Math.max(x, -5), 5) * 20) / 20 }),
    description: () => `${label} of ${names[untracked(() => activation.value)]} for x from −5 to 5`,
  });
});

/** Room around a curve; a flat one lies in the middle. */
function rangeOf(low: number, high: number): [number, number] {
  const room = Math.max(0.1, 0.12 * (high - low));
  return [Math.min(low, 0) - room, Math.max(high, 0) + room];
}

plot({
  frame: element("depths"),
  readout: element("depth-read"),
  table: byId("depth-table", HTMLDetailsElement),
  x: { label: "layer", range: [0, 20] },
  y: {
    label: "size",
    isLog: true,
    format: (value) => (value >= 0.01 && value < 100 ? value.toFixed(3) : value.toExponential(1)),
    tick: powerOfTen,
    range(low, high) {
      const power = (x: number) => Math.log10(Math.min(Math.max(x, 1e-12), 1e12));
      return [
        10 ** Math.min(-1, Math.floor(power(low))),
        10 ** Math.max(1, Math.ceil(power(high))),
      ];
    },
  },
  series: [
    { label: "gradient", color: "ink", hasPoints: true },
    { label: "values", color: "red", hasPoints: true, width: 1 },
  ],
  data: computed(() => {
    const { gradients = [], values = [] } = sizes.value ?? {};
    const positive = (all: ArrayLike<number>) => Array.from(all, (x) => (x > 1e-12 ? x : null));
    return {
      xs: Array.from(gradients, (_, i) => i),
      ys: [positive(gradients), positive(values)],
    };
  }),
  description: () =>
    `Sizes of gradient and values over 20 layers: ${fate(sizes.peek()?.gradients[0] ?? 1)}`,
});

mount(element("speed"), () =>
  speed.value === null ? "–" : Number((speed.value / 1e6).toPrecision(3)).toLocaleString("en"),
);
mount(element("machine"), () => onMachine(run.adapter.value));

/** The numbers of all three curves, filled when they are wanted. */
const table = byId("table", HTMLDetailsElement);
mount(table.appendChild(document.createElement("div")), () => (
  <table>
    <thead>
      <tr>
        {["x", ...labels].map((label) => (
          <th key={label} scope="col">
            {label}
          </th>
        ))}
      </tr>
    </thead>
    <tbody>
      {Array.from({ length: 21 }, (_, row) => row * 20).map((at) => (
        <tr key={at}>
          <th scope="row">{minus(xs[at].toFixed(1))}</th>
          {labels.map((label, i) => (
            <td key={label}>{curves.value[i] ? precise(curves.value[i][at]) : ""}</td>
          ))}
        </tr>
      ))}
    </tbody>
  </table>
));

for (const id of ["chips", "start"])
  element(id).addEventListener("submit", (event) => event.preventDefault());
figure(element("figure"), {
  name: "cotangent-activation",
  reset: () => settings.reset(),
  picture: async () => stacked(element("figure").querySelectorAll(".uplot canvas")),
  words: () => [
    `${names[activation.value]}: value, slope and curvature. ${element("story").textContent ?? ""}`,
    `${element("speed").textContent} million places a second ${element("machine").textContent}`,
  ],
});
