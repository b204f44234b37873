import "uplot/dist/uPlot.min.css";
import { computed, effect, signal } from "@preact/signals-core";
import { Chips } from "../site/chips.tsx";
import { Controls } from "../site/controls.tsx";
import { figure, sideBySide } from "../site/figure.ts";
import { latest } from "../site/latest.ts";
import { byId, mount } from "../site/live.ts";
import { onMachine } from "../site/machine.ts";
import { notify } from "../site/notices.ts";
import { furnish, linked } from "../site/page.ts";
import { plot } from "../site/plot.ts";
import { Run } from "../site/run.ts";
import { palette } from "../site/theme.ts";
import { Transport } from "../site/transport.tsx";
import { onPicture, readPicture, Refusal } from "./own.ts";
import type { Seen } from "./protocol.ts";
import { fields, viewNames } from "./settings.ts";

const element = (id: string) => byId(id, HTMLElement);

/** Steps of a run. */
const length = 5000;

if (new URLSearchParams(location.hash.slice(1)).get("image")?.startsWith("own"))
  notify("This link was made with somebody’s own picture, which no link can hold. Here is ours.");
const settings = linked(fields);

/** What was seen at each look of this run. */
const looks = signal<readonly (Seen & { step: number })[]>([]);
const seen = computed(() => looks.value.at(-1));
/** What the canvases show, which is there until a new run has something to show. */
const shown = signal<Seen | null>(null);

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const run = new Run<typeof fields>({
  worker,
  settings,
  length: () => length,
  onBegin: () => (looks.value = []),
  onReport(report) {
    if (report.kind === "look") {
      shown.value = report.seen as Seen;
      looks.value = [...looks.value, { ...shown.value, step: report.step }];
    } else if (report.kind === "lost") {
      looks.value = looks.value.filter(({ step }) => step <= report.step);
    }
  },
});

furnish(run);
for (const name of ["wipe", "truth"]) run.attach(name, byId(name, HTMLCanvasElement));

/** So many decibels are a picture in which all edges are where they belong. */
const like = 25;

const digits = (value: number, most = 2) =>
  Number(value.toPrecision(most)).toLocaleString("en", { maximumSignificantDigits: most });
const ofDecibels = (value: number | undefined) =>
  Number.isFinite(value) ? `${value?.toFixed(1)} dB` : "–";
/** The root mean square of the error, of the way from black to white. */
const percent = (decibels: number) => `${digits(100 * 10 ** (-decibels / 20))}%`;

mount(element("story"), () => {
  const now = seen.value;
  if (!now || now.step === 0)
    return run.step.value === 0
      ? "Two networks are about to learn a picture: one of sines, one of ReLUs."
      : "Two networks learn a picture: one of sines, one of ReLUs.";
  switch (settings.values.view) {
    case "image":
      return (
        <>
          After the same {now.step.toLocaleString("en")} steps, sine’s picture is off by{" "}
          <em>{percent(now.sine)}</em>, ReLU’s by <em>{percent(now.relu)}</em>.
        </>
      );
    case "gradient":
      return now.sine > like ? (
        <>
          Shown shades alone, sine has learned their <em>slopes</em> too; ReLU’s are those of flat
          facets.
        </>
      ) : (
        <>
          Shown shades alone, the networks have <em>slopes</em> too; sine’s are not yet the
          picture’s.
        </>
      );
    case "laplacian":
      return (
        <>
          ReLU is made of flat pieces: its Laplacian is <em>zero everywhere</em>.{" "}
          {now.sine > like ? "Sine has the picture’s." : "Sine has one."}
        </>
      );
  }
});
mount(element("controls"), () => (
  <Transport
    run={run}
    gauges={[
      { name: "step", value: run.step.value.toLocaleString("en") },
      { name: "sine", value: ofDecibels(seen.value?.sine) },
      { name: "ReLU", value: ofDecibels(seen.value?.relu) },
      { name: "steps per second", value: run.speed.value },
    ]}
  />
));
mount(element("views"), () => (
  <Chips
    name="view"
    options={viewNames}
    value={settings.values.view}
    choose={(view) => settings.set({ view })}
  />
));
mount(element("divide"), () => {
  const { wipe } = settings.values;
  return (
    <input
      type="range"
      min={0}
      max={100}
      value={wipe}
      aria-label={fields.wipe.label}
      aria-valuetext={`sine on ${wipe}%, ReLU on ${100 - wipe}%`}
      onInput={({ currentTarget }) => settings.set({ wipe: Number(currentTarget.value) })}
    />
  );
});
mount(element("settings"), () => (
  <>
    <h2>Settings</h2>
    <Controls settings={settings} names={["size", "width", "layers", "batch", "omega", "rate"]} />
  </>
));
mount(element("legend"), () => {
  const now = shown.value;
  if (!now) return "–";
  const { width, height, most, units, batch } = now;
  switch (settings.values.view) {
    case "image":
      return (
        <>
          {width} × {height} pixels, x and y from −1 to 1; {units} units a layer;{" "}
          {batch.toLocaleString("en")} pixels a step
        </>
      );
    case "gradient":
      return (
        <>
          How steep the shades are, from 0 to {digits(most.gradient)} and more: black is −1, white
          1, and so are the ends of x and y
        </>
      );
    case "laplacian":
      return (
        <>
          ∂²f/∂x² + ∂²f/∂y², from <b class="of-red">−{digits(most.laplacian)}</b> through 0 to{" "}
          <b class="of-ink">{digits(most.laplacian)}</b>, and beyond
        </>
      );
  }
});

// Where the line is, and how wide for its height a picture is.
effect(() => {
  const { width = 1, height = 1 } = shown.value ?? {};
  const { style } = element("figure");
  style.setProperty("--wipe", `${settings.signal.value.wipe}%`);
  style.setProperty("--across", String(width));
  style.setProperty("--down", String(height));
});
effect(() => {
  const { view } = settings.signal.value;
  const what = viewNames[view].toLowerCase();
  element("wipe").ariaLabel =
    `${what}, as the networks have it, sine on the left, ReLU on the right`;
  element("truth").ariaLabel = `${what} itself`;
});

plot({
  frame: element("curves"),
  readout: element("curves-read"),
  table: byId("curves-table", HTMLDetailsElement),
  x: { label: "step", format: (value) => (value % 1 ? "" : value.toLocaleString("en")) },
  y: {
    label: "PSNR, dB",
    format: (value) => value.toFixed(1),
    tick: String,
    range: (_, high) => [0, Math.max(30, 10 * Math.ceil(high / 10))],
  },
  series: [
    { label: "sine", color: "ink" },
    { label: "ReLU", color: "red" },
  ],
  data: computed(() => ({
    xs: looks.value.map(({ step }) => step),
    ys: [looks.value.map(({ sine }) => sine), looks.value.map(({ relu }) => relu)],
  })),
  description: () => {
    const now = looks.peek().at(-1);
    return now
      ? `Likeness over ${now.step} steps: sine comes to ${ofDecibels(now.sine)}, ReLU to ${ofDecibels(now.relu)}`
      : "Likeness over steps, empty";
  },
});
mount(element("speed"), () => run.speed.value);
const machine = () => onMachine(run.adapter.value);
mount(element("machine"), machine);

let taken = 0;
const take = latest(
  async (file: File) => {
    const grey = await readPicture(file);
    settings.set({ image: { ...grey, id: ++taken } });
  },
  (error) => {
    if (error instanceof Refusal) notify(error.message);
    else throw error;
  },
);
const file = byId("file", HTMLInputElement);
onPicture(file, (given) => {
  if (given) take(given);
  else
    notify(
      "There is no picture in this. Save the one you mean first, and bring the file: this page fetches nothing from elsewhere.",
    );
});
element("choose").addEventListener("click", () => file.click());
const ours = byId("ours", HTMLButtonElement);
ours.addEventListener("click", () => settings.set({ image: null }));
effect(() => {
  ours.disabled = settings.signal.value.image === null;
});

/** Both pictures with what the page has over them: which is which, and the line between the networks. */
function labelled(pictures: OffscreenCanvas): OffscreenCanvas {
  const context = pictures.getContext("2d");
  if (!context) throw new Error("this browser has no 2D canvas");
  const { card, text, ink, red } = palette.value;
  const side = Math.round(element("wipe").clientWidth * devicePixelRatio);
  const line = (side * settings.values.wipe) / 100;
  const size = 14 * devicePixelRatio;
  context.font = `600 ${size}px ${getComputedStyle(document.body).fontFamily}`;
  const tag = (words: string, color: string, at: (width: number) => number) => {
    const width = context.measureText(words).width + size;
    const left = at(width);
    if (left < 0 || left + width > pictures.width) return;
    context.fillStyle = card;
    context.fillRect(left, size / 2, width, 1.5 * size);
    context.fillStyle = color;
    context.fillText(words, left + size / 2, 1.55 * size);
  };
  tag("sine", ink, (width) => line - width);
  if (line + 4 * size < side) tag("ReLU", red, () => line);
  tag("the picture itself", text, (width) => pictures.width - width);
  context.fillStyle = text;
  context.fillRect(line - size / 10, 0, size / 5, pictures.height);
  return pictures;
}

for (const id of ["views", "settings"])
  element(id).addEventListener("submit", (event) => event.preventDefault());
figure(element("figure"), {
  name: "cotangent-siren",
  reset() {
    settings.reset();
    run.reset();
  },
  picture: async () => labelled(await sideBySide(run, ["wipe", "truth"])),
  words: () => [
    element("story").textContent ?? "",
    `Sine ${ofDecibels(seen.value?.sine)}, ReLU ${ofDecibels(seen.value?.relu)}; ${run.speed.value} steps a second ${machine()}`,
  ],
});
