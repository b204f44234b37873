import "uplot/dist/uPlot.min.css";
import { effect, signal } from "@preact/signals-core";
import type { Digits } from "../mnist.ts";
import { Controls } from "../site/controls.tsx";
import type { Report } from "../site/course.ts";
import { figure, stacked } from "../site/figure.ts";
import { byId, mount } from "../site/live.ts";
import { adapterWords } from "../site/machine.ts";
import { furnish, linked } from "../site/page.ts";
import { plot } from "../site/plot.ts";
import { Run } from "../site/run.ts";
import { palette } from "../site/theme.ts";
import { Transport } from "../site/transport.tsx";
import { History } from "./history.ts";
import { paintInk } from "./ink.ts";
import { Pad } from "./pad.ts";
import type { Answer, Question, Seen } from "./protocol.ts";
import { Reader } from "./reader.tsx";
import { fields } from "./settings.ts";
import { imageOf, Tiles } from "./tiles.ts";

const element = (id: string) => byId(id, HTMLElement);
const percent = (share: number) => `${Number((100 * share).toFixed(1))}%`;

const settings = linked(fields);
let history = new History(1);
/** What the curves show: counts up whenever there is more of it. */
const news = signal(0);
/** What the last exam came to. */
const exam = signal<Seen>(null);

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const run = new Run<typeof fields, Question, Answer>({
  worker,
  settings,
  length: ({ epochs }, stepsPerEpoch = 1) => epochs * stepsPerEpoch,
  onBegin: () => (exam.value = null),
  onReport: take,
});

function take(report: Report): void {
  switch (report.kind) {
    case "ready":
      history = new History(report.lookEvery ?? 1);
      reader.ask();
      break;
    case "progress":
      history.add(report.losses);
      // The network has changed: so may have its opinion.
      reader.ask();
      break;
    case "look": {
      const seen = report.seen as Seen;
      if (!seen) return;
      if (report.step > 0) history.addExam({ step: report.step, accuracy: seen.accuracy });
      exam.value = seen;
      break;
    }
    case "lost":
      history.rewind(report.step);
      break;
    case "preparing":
    case "finished":
    case "failed":
      return;
  }
  news.value++;
}

const seen = byId("seen", HTMLCanvasElement);
const pad = new Pad(byId("pad", HTMLCanvasElement), element("nib"), (image) => {
  element("pad-hint").hidden = image !== null;
  reader.read(image);
});
const reader = new Reader((question) => run.ask(question), element);
effect(() => {
  const blank = new Float32Array(seen.width * seen.height);
  paintInk(seen, reader.image.value ?? blank, palette.value.text);
});

furnish(run);
run.attach("why", byId("why", HTMLCanvasElement));
mount(element("settings"), () => (
  <>
    <h2>Settings</h2>
    <Controls
      settings={settings}
      names={["network", "optimizer", "rate", "batch", "epochs", "seed"]}
    />
  </>
));
mount(element("controls"), () => {
  const epochs = settings.values.epochs;
  void news.value;
  const epoch = Math.min(history.epoch + 1, Math.max(epochs, history.epoch));
  return (
    <Transport
      run={run}
      gauges={[
        { name: "epoch", value: `${epoch} of ${Math.max(epochs, epoch)}` },
        { name: "step", value: run.step.value.toLocaleString("en") },
        { name: "steps per second", value: run.speed.value },
      ]}
    />
  );
});
mount(element("story"), () => {
  const { value } = exam;
  const digits = run.step.value * settings.values.batch;
  if (digits === 0 || !value) return "A network that knows nothing yet is about to learn to read.";
  return (
    <>
      This network has practised on <em>{digits.toLocaleString("en")}</em> digits and now reads{" "}
      <em>{percent(value.accuracy)}</em> of new ones.
    </>
  );
});

const curves = {
  loss: signal({ xs: [] as number[], ys: [[], []] as number[][] }),
  accuracy: signal({ xs: [] as number[], ys: [[]] as number[][] }),
};
effect(() => {
  void news.value;
  const { losses, smooth, exams } = history;
  curves.loss.value = { xs: losses.map((_, i) => i + 1), ys: [losses, smooth] };
  curves.accuracy.value = {
    xs: exams.map(({ step }) => step),
    ys: [exams.map(({ accuracy }) => accuracy)],
  };
});
const whole = (value: number) => (value % 1 ? "" : value.toLocaleString("en"));
plot({
  frame: element("loss"),
  readout: element("loss-value"),
  table: byId("loss-table", HTMLDetailsElement),
  x: { label: "step", format: whole },
  y: { label: "nats", range: (_, high) => [0, high < Infinity ? Math.max(2.4, high) : 5] },
  series: [
    { label: "batch", color: "pencil", width: 1 },
    { label: "mean", color: "ink" },
  ],
  data: curves.loss,
  description: () =>
    history.step === 0
      ? "Loss curve, empty"
      : `Loss curve over ${history.step} steps, from ${history.losses[0].toFixed(2)} to ${(history.smooth.at(-1) ?? 0).toFixed(2)}`,
});
plot({
  frame: element("accuracy"),
  readout: element("accuracy-value"),
  table: byId("accuracy-table", HTMLDetailsElement),
  x: { label: "step", format: whole },
  y: { label: "share", format: percent, range: () => [0, 1] },
  series: [{ label: "accuracy", color: "ink", hasPoints: true }],
  data: curves.accuracy,
  description: () =>
    history.exams.length === 0
      ? "Accuracy curve, empty"
      : `Accuracy curve, ${history.exams.length} points, from ${percent(history.exams[0].accuracy)} to ${percent(history.exams.at(-1)?.accuracy ?? 0)}`,
});

/** Shows the test digits, once they are there. */
function showTests(tests: Digits): void {
  const tiles = new Tiles(element("tiles"), tests, (i) => pad.borrow(imageOf(tests, i)));
  const borrow = byId("borrow", HTMLButtonElement);
  borrow.disabled = false;
  borrow.addEventListener("click", () =>
    pad.borrow(imageOf(tests, Math.floor(Math.random() * tests.labels.length))),
  );
  element("exam").addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) tiles.onlyWrong = target.value === "wrong";
  });
  effect(() => {
    const { value } = exam;
    tiles.show(value?.probabilities ?? null);
    const [all, right] = [1, value?.accuracy ?? 0].map((share) =>
      Math.round(share * tests.labels.length).toLocaleString("en"),
    );
    element("exam-summary").textContent = value
      ? `${right} of ${all} read correctly; mistakes are marked in red.`
      : "Test digits, which the network never trains on.";
  });
}

const stop = run.phase.subscribe((phase) => {
  if (phase !== "ready" && phase !== "training") return;
  queueMicrotask(() => stop());
  run
    .ask({ kind: "tests" })
    .then(({ tests }) => tests && showTests(tests))
    .catch(console.error);
});
element("clear").addEventListener("click", () => pad.clear());
element("settings").addEventListener("submit", (event) => event.preventDefault());

figure(element("figure"), {
  name: "cotangent-digits",
  reset() {
    settings.reset();
    run.reset();
  },
  picture: async () => stacked(element("figure").querySelectorAll(".uplot canvas")),
  words: () => [
    element("story").textContent ?? "",
    `${run.speed.value} steps a second on ${run.adapter.value ? adapterWords(run.adapter.value)[0] : "?"}`,
  ],
});
