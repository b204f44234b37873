import { describeAdapter } from "../adapter.ts";
import { Bars } from "./bars.ts";
import { Classifier } from "./classifier.ts";
import { Curves } from "./curves.ts";
import { byId, onFrame, paintInk } from "../dom.ts";
import { EpochTable } from "./epochs.ts";
import { ExamSheet, imageOf } from "./exam.ts";
import { Experiment } from "./experiment.ts";
import { SettingsForm } from "./form.ts";
import type { Digits } from "../mnist.ts";
import { Notice } from "./notice.ts";
import { Pad } from "./pad.ts";
import type { Exam, Report, Request } from "./protocol.ts";
import { tellStory } from "./story.ts";

const element = (id: string) => byId(id, HTMLElement);
const button = (id: string) => byId(id, HTMLButtonElement);
const onClick = (id: string, act: () => void) => button(id).addEventListener("click", act);

const backend = new URLSearchParams(location.search).get("backend") === "cpu" ? "cpu" : "webgpu";
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
const send = (request: Request): void => worker.postMessage(request);

const notice = new Notice();
const form = new SettingsForm(
  byId("settings", HTMLFormElement),
  element("rate-value"),
  (settings, onlyRate) => (onlyRate ? experiment.setRate(settings) : experiment.reset(settings)),
);
const experiment = new Experiment(form.settings, send);
const curves = new Curves(
  { loss: element("loss"), accuracy: element("accuracy") },
  { loss: element("loss-value"), accuracy: element("accuracy-value") },
);
const epochs = new EpochTable(byId("epochs", HTMLTableSectionElement), element("announcement"));
const classifier = new Classifier(
  send,
  new Bars(byId("bars", HTMLOListElement)),
  element("verdict"),
  element("said"),
);
const seen = byId("seen", HTMLCanvasElement);
const pad = new Pad(byId("pad", HTMLCanvasElement), element("nib"), (image) => {
  element("pad-hint").hidden = image !== null;
  paintInk(seen, image ?? new Float32Array(seen.width * seen.height));
  classifier.ask(image);
});
let sheet: ExamSheet | undefined;
let shown: Exam | null = null;

const draw = onFrame(() => {
  const { history, goal, settings, speed, training, finished, exam } = experiment;
  const rest = finished ? "Train more" : history.step > 0 ? "Resume" : "Start";
  button("toggle").textContent = training ? "Pause" : rest;
  if (goal === 0) return;
  const total = goal / history.stepsPerEpoch;
  tellStory(element("story"), history, settings.batch);
  element("epoch").textContent = `${Math.min(history.epoch + 1, total)} of ${total}`;
  element("step").textContent = history.step.toLocaleString("en");
  element("speed").textContent = speed.text;
  byId("progress", HTMLProgressElement).value = history.step / goal;
  curves.show(history, goal);
  epochs.show(history);
  if (exam !== shown) mark(exam);
});

/** Shows an exam's answers; null: there was none yet. */
function mark(exam: Exam | null): void {
  shown = exam;
  const wrong = sheet?.show(exam?.probabilities ?? null);
  if (!exam || wrong === undefined) return;
  const total = exam.probabilities.length / 10;
  element("exam-summary").textContent =
    `${(total - wrong).toLocaleString("en")} of ${total.toLocaleString("en")} read correctly; mistakes are marked in red.`;
}

function opened(test: Digits): void {
  sheet = new ExamSheet(byId("tiles", HTMLUListElement), test, (i) => pad.borrow(imageOf(test, i)));
  element("test-count").textContent = test.labels.length.toLocaleString("en");
  onClick("borrow", () =>
    pad.borrow(imageOf(test, Math.floor(Math.random() * test.labels.length))),
  );
  for (const each of document.querySelectorAll("button")) each.disabled = false;
  // Whoever asks for little motion starts it by hand.
  experiment.training = !calm;
  experiment.reset(form.settings);
}

function fail(name: string, message: string): void {
  experiment.training = false;
  if (name === "DeviceError" && backend === "webgpu") {
    element("device").textContent = "No GPU found";
    notice.show(message, "Continue on the CPU", () => {
      location.search = "?backend=cpu";
    });
  } else {
    notice.show(message, "Reload", () => location.reload());
  }
  draw();
}

function take(report: Report): void {
  switch (report.kind) {
    case "opened":
      element("device").replaceChildren(...describeAdapter(report.adapter));
      element("unplug-row").hidden = report.adapter.backend === "cpu";
      return opened(report.test);
    case "classified":
      return classifier.answer(report.probabilities);
    case "failed":
      return fail(report.name, report.message);
    case "lost":
      notice.show(
        `The GPU was lost and replaced. The network is back at step ${report.step}, its last snapshot.`,
        "OK",
        () => {},
      );
  }
  experiment.take(report);
  // The network has changed: so may have its opinion.
  if (report.kind === "progress" || report.kind === "ready") classifier.ask(pad.image);
  draw();
}

worker.addEventListener("message", ({ data }: MessageEvent<Report>) => take(data));
worker.addEventListener("error", ({ message }) => fail("Error", message));
onClick("toggle", () => {
  if (experiment.training) experiment.pause();
  else experiment.start();
  draw();
});
onClick("reset", () => experiment.reset(form.settings));
onClick("clear", () => pad.clear());
onClick("unplug", () => send({ kind: "unplug" }));
element("exam").addEventListener("change", ({ target }) => {
  if (!sheet || !(target instanceof HTMLInputElement)) return;
  sheet.onlyWrong = target.value === "wrong";
  sheet.refresh();
});
// Files in public/ lie beside the page, wherever it is served from.
send({ kind: "open", backend, data: new URL("mnist/", document.baseURI).href });
