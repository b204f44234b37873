import "uplot/dist/uPlot.min.css";
import { computed, effect, signal } from "@preact/signals-core";
import { Chips } from "../site/chips.tsx";
import { Controls } from "../site/controls.tsx";
import { figure, sideBySide } from "../site/figure.ts";
import { latest } from "../site/latest.ts";
import { byId, mount } from "../site/live.ts";
import { onMachine } from "../site/machine.ts";
import { furnish, linked } from "../site/page.ts";
import { plot, type PlotData } from "../site/plot.ts";
import { Run } from "../site/run.ts";
import { Transport } from "../site/transport.tsx";
import { NetworkOverlay } from "./network.tsx";
import { mostPainted, paintedAt } from "./painted.ts";
import type { Answer, Place, Question, Score, Seen } from "./protocol.ts";
import { hasHeights } from "./samples.ts";
import { paintOn } from "./sheet.ts";
import { fields, setNames } from "./settings.ts";
import { showWeights } from "./weights.tsx";

const element = (id: string) => byId(id, HTMLElement);

/** Steps of a run. */
const length = 100_000;

const settings = linked(fields);
const looks = signal<readonly { step: number; seen: Seen }[]>([]);
const seen = computed(() => looks.value.at(-1)?.seen);
const brush = signal<0 | 1>(1);

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const run = new Run<typeof fields, Question, Answer>({
  worker,
  settings,
  length: () => length,
  onBegin: () => (looks.value = []),
  onReport(report) {
    if (report.kind === "lost") looks.value = looks.value.filter((l) => l.step <= report.step);
    if (report.kind !== "look") return;
    const others = looks.value.filter(({ step }) => step < report.step);
    looks.value = [...others, { step: report.step, seen: report.seen as Seen }];
  },
});

furnish(run);
for (const name of ["answer", "line", "network"]) run.attach(name, byId(name, HTMLCanvasElement));

const overlay = new NetworkOverlay(settings, {
  frame: element("network-frame"),
  inputs: element("inputs"),
  units: element("units"),
  widths: element("widths"),
  depth: element("depth"),
});
const look = latest(async (place: Place | null) => void (await run.ask({ kind: "look", place })));
effect(() => {
  const { value } = overlay.looked;
  if (run.adapter.value) look(value);
});

showWeights({
  title: element("weights-title"),
  form: element("weights"),
  place: overlay.pinned,
  nameOf: (place) => overlay.nameOf(place),
  sourcesOf: (place) => overlay.sourcesOf(place),
  news: looks,
  ask: (question) => run.ask(question),
});

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
const known = (x: number | undefined) => (x === undefined || Number.isNaN(x) ? null : x);
/** How far off answers are, as a root mean square. */
const offBy = ({ loss }: Score) => Math.sqrt(loss).toFixed(3);
const heights = computed(() => hasHeights(settings.signal.value.data));
/** How good an answer is, in short. */
const grade = (score: Score | undefined) =>
  known(score?.loss) === null || !score
    ? "–"
    : heights.value
      ? `off by ${offBy(score)}`
      : percent(score.right);

mount(element("story"), () => {
  const { value } = seen;
  const { data, painted } = settings.values;
  if (data === "own" && painted.length === 0)
    return "Paint points of both kinds on the large square: the network learns while you paint.";
  if (!value || run.step.value === 0) {
    return heights.value
      ? "A network and a plane are about to learn how high each point lies."
      : "A network and a straight line are about to learn two kinds of points.";
  }
  const isTested = known(value.test.loss) !== null;
  const [net, line] = isTested ? [value.test, value.lineTest] : [value.train, value.lineTrain];
  const whose = isTested ? "new" : "its";
  return heights.value ? (
    <>
      The network is off by <em>{offBy(net)}</em> on {whose} points, a plane by{" "}
      <em>{offBy(line)}</em>.
    </>
  ) : (
    <>
      The network tells <em>{percent(net.right)}</em> of {whose} points apart, a straight line{" "}
      <em>{percent(line.right)}</em>.
    </>
  );
});
const number = (x: number | undefined) => known(x)?.toFixed(4) ?? "–";
mount(element("controls"), () => (
  <Transport
    run={run}
    hasSteps
    gauges={[
      { name: "step", value: run.step.value.toLocaleString("en") },
      { name: "training loss", value: number(seen.value?.train.loss) },
      { name: "test loss", value: number(seen.value?.test.loss) },
      { name: "steps per second", value: run.speed.value },
    ]}
  />
));
mount(element("speed"), () => run.speed.value);
mount(element("machine"), () => onMachine(run.adapter.value));
mount(element("looked"), () =>
  overlay.looked.value ? overlay.nameOf(overlay.looked.value) : "The answer",
);
mount(element("line-title"), () => (heights.value ? "A plane" : "A straight line"));
mount(element("right"), () => (overlay.looked.value ? "" : grade(seen.value?.test)));
mount(element("line-right"), () => grade(seen.value?.lineTest));

mount(element("sets"), () => (
  <Chips
    name="data"
    options={setNames}
    value={settings.values.data}
    choose={(data) => settings.set({ data })}
  />
));
mount(element("points"), () => (
  <Controls settings={settings} names={["count", "noise", "tested", "tests", "steps"]} />
));
mount(element("training"), () => (
  <Controls
    settings={settings}
    names={["activation", "optimizer", "batch", "rate", "penalty", "strength"]}
  />
));
element("redraw").addEventListener("click", () => settings.set({ seed: settings.values.seed + 1 }));

const big = {
  data: "spiral",
  count: 100_000,
  layers: Array<number>(8).fill(128),
  activation: "relu",
  optimizer: "adam",
  rate: 0.001,
  batch: 512,
} as const;
const bigNet = "8 × 128 units, 100,000 points";
mount(element("big"), () => {
  const isBig = settings.values.layers.reduce((sum, n) => sum + n, 0) > 500;
  return (
    <button
      type="button"
      data-longest={bigNet}
      onClick={() => (isBig ? settings.reset() : settings.set(big))}
    >
      <span>{isBig ? "Back to a small one" : bigNet}</span>
    </button>
  );
});

mount(element("brush"), () => (
  <>
    <Chips
      name="brush"
      options={{ one: "one kind", other: "the other" }}
      value={brush.value === 1 ? "one" : "other"}
      choose={(kind) => (brush.value = kind === "one" ? 1 : 0)}
    />
    <button
      type="button"
      disabled={settings.values.painted.length === 0}
      onClick={() => settings.set({ painted: [] })}
    >
      Wipe
    </button>
  </>
));
paintOn({
  sheet: element("sheet"),
  pen: element("pen"),
  put(x, y) {
    const { painted } = settings.values;
    if (painted.length < mostPainted)
      settings.set({ painted: [...painted, paintedAt(x, y, brush.value)] });
  },
  choose: (kind) => (brush.value = kind),
});

plot({
  frame: element("losses"),
  readout: element("losses-read"),
  table: byId("losses-table", HTMLDetailsElement),
  x: { label: "step", tick: (value) => (value >= 1000 ? `${value / 1000}k` : String(value)) },
  y: {
    label: "",
    range: (_, high) => [0, Math.max(0.01, 1.05 * high)],
    format: (y) => y.toFixed(3),
    tick: String,
  },
  series: [
    { label: "line", color: "edge", width: 1 },
    { label: "training", color: "pencil" },
    { label: "test", color: "ink" },
  ],
  data: computed<PlotData>(() => {
    const column = (of: keyof Seen) => looks.value.map(({ seen }) => known(seen[of].loss));
    return {
      xs: looks.value.map(({ step }) => step),
      ys: [column("lineTest"), column("train"), column("test")],
    };
  }),
  description: () =>
    `Loss at step ${looks.peek().at(-1)?.step ?? 0}, ${number(seen.peek()?.train.loss)} in training and ${number(seen.peek()?.test.loss)} on test points`,
});

for (const id of ["sets", "points", "training", "widths", "brush", "weights"])
  element(id).addEventListener("submit", (event) => event.preventDefault());
figure(element("figure"), {
  name: "cotangent-playground",
  reset() {
    settings.reset();
    run.reset();
  },
  picture: () => sideBySide(run, ["network", "answer", "line"]),
  words: () => [
    element("story").textContent ?? "",
    `${run.speed.value} steps a second ${element("machine").textContent}`,
  ],
});
