import "uplot/dist/uPlot.min.css";
import { computed, effect, signal } from "@preact/signals-core";
import { Controls } from "../site/controls.tsx";
import { figure, sideBySide } from "../site/figure.ts";
import { latest } from "../site/latest.ts";
import { byId, mount } from "../site/live.ts";
import { adapterWords } from "../site/machine.ts";
import { furnish, linked } from "../site/page.ts";
import { plot } from "../site/plot.ts";
import { Run } from "../site/run.ts";
import { Transport } from "../site/transport.tsx";
import { examples, valueAt, withStroke } from "./curve.ts";
import type { Answer, Question } from "./protocol.ts";
import { fields, mostBumps } from "./settings.ts";

const element = (id: string) => byId(id, HTMLElement);

/** Steps of a run. */
const length = 5000;

const settings = linked(fields);
/** The error for 1, 2, … bumps, that of the bumps that are shown, and that of the trained sum. */
const errors = signal<Float32Array | null>(null);
const built = signal<number | null>(null);
const trained = signal<number | null>(null);
const turn = signal(0);

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const run = new Run<typeof fields, Question, Answer>({
  worker,
  settings,
  length: () => length,
  onBegin: () => (trained.value = null),
  onReport(report) {
    if (report.kind === "look") trained.value = report.seen as number;
    if (report.kind === "ready" || report.kind === "lost") turn.value++;
  },
});

const askErrors = latest(async () => {
  errors.value = await run.ask({ kind: "errors" });
});
const asked = computed(() => {
  const { curve, steepness } = settings.signal.value;
  return `${fields.curve.format(curve)} ${steepness}`;
});
const askShown = latest(async () => {
  [built.value] = await run.ask({ kind: "shown" });
});
effect(() => {
  void settings.signal.value;
  if (turn.value > 0) askShown();
});
effect(() => {
  void asked.value;
  if (turn.value > 0) askErrors();
});

furnish(run);
const canvases = ["pad", "built", "trained"] as const;
for (const name of canvases) run.attach(name, byId(name, HTMLCanvasElement));

const digits = (value: number) => value.toPrecision(2);
const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;

mount(element("story"), () => {
  const { bumps, units } = settings.values;
  if (built.value === null) return "Any curve is a sum of sigmoids. Draw one.";
  return (
    <>
      {plural(bumps, "bump")} come within <em>{digits(built.value)}</em> of this curve,{" "}
      {trained.value === null ? (
        "the trained sigmoids begin anew."
      ) : (
        <>
          {plural(units, "trained sigmoid")} within <em>{digits(trained.value)}</em>.
        </>
      )}
    </>
  );
});
mount(element("controls"), () => (
  <Transport
    run={run}
    gauges={[
      { name: "step", value: run.step.value.toLocaleString("en") },
      { name: "error", value: trained.value?.toFixed(4) ?? "–" },
      { name: "steps per second", value: run.speed.value },
    ]}
  />
));
mount(element("built-error"), () =>
  built.value === null ? "–" : `error ${built.value.toFixed(4)}`,
);
mount(element("trained-error"), () =>
  trained.value === null ? "–" : `error ${trained.value.toFixed(4)}`,
);
mount(element("training"), () => <Controls settings={settings} names={["units", "rate"]} />);
mount(element("examples"), () =>
  Object.entries(examples).map(([name, curve]) => (
    <button type="button" key={name} onClick={() => settings.set({ curve, pull: null })}>
      {name}
    </button>
  )),
);

/** Where a bump stands: as high as the curve at its beginning, or as it was pulled. */
function heightOf(bump: number): number {
  const { pull, curve, bumps } = settings.values;
  return pull?.bump === bump ? pull.height : valueAt(curve, bump / bumps);
}

const hundredths = (value: number) => Math.round(100 * Math.min(Math.max(value, -1), 1)) / 100;

mount(element("construction"), () => {
  const { pull, bumps } = settings.values;
  const bump = Math.min(pull?.bump ?? 0, bumps - 1);
  const height = hundredths(heightOf(bump));
  return (
    <>
      <Controls settings={settings} names={["bumps", "steepness"]} />
      <label>
        <span>
          Height of bump{" "}
          <select
            aria-label="Which bump"
            value={String(bump)}
            onChange={({ currentTarget }) => {
              const chosen = Number(currentTarget.value);
              settings.set({ pull: { bump: chosen, height: hundredths(heightOf(chosen)) } });
            }}
          >
            {Array.from({ length: bumps }, (_, i) => (
              <option key={i} value={String(i)}>
                {i + 1}
              </option>
            ))}
          </select>
          <output>{height}</output>
        </span>
        <input
          type="range"
          aria-label={`Height of bump ${bump + 1}`}
          min={-1}
          max={1}
          step={0.01}
          value={height}
          onInput={({ currentTarget }) =>
            settings.set({ pull: { bump, height: Number(currentTarget.value) } })
          }
        />
      </label>
    </>
  );
});

/** Calls `draw` with the places that the pointer passes on a canvas, x from 0 to 1, y from −1.2 to 1.2. */
function onDrag(
  name: (typeof canvases)[number],
  draw: (at: readonly [number, number], before: readonly [number, number] | null) => void,
): void {
  const frame = byId(name, HTMLCanvasElement).parentElement;
  let before: readonly [number, number] | null = null;
  const on = (event: PointerEvent, act: (canvas: HTMLCanvasElement) => void) => {
    if (event.target instanceof HTMLCanvasElement && event.target.id === name) act(event.target);
  };
  const at = (canvas: HTMLCanvasElement, { clientX, clientY }: PointerEvent) => {
    const box = canvas.getBoundingClientRect();
    return [
      (clientX - box.left) / box.width,
      1.2 - (2.4 * (clientY - box.top)) / box.height,
    ] as const;
  };
  frame?.addEventListener("pointerdown", (event) =>
    on(event, (canvas) => {
      canvas.setPointerCapture(event.pointerId);
      before = at(canvas, event);
      draw(before, null);
    }),
  );
  frame?.addEventListener("pointermove", (event) =>
    on(event, (canvas) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const now = at(canvas, event);
      draw(now, before);
      before = now;
    }),
  );
}

onDrag("pad", (at, before) =>
  settings.set({ curve: withStroke(settings.values.curve, before ?? at, at), pull: null }),
);
let held = 0;
onDrag("built", ([x, y], before) => {
  const { bumps } = settings.values;
  if (!before) held = Math.min(Math.max(Math.floor(x * bumps), 0), bumps - 1);
  settings.set({ pull: { bump: held, height: hundredths(y) } });
});

plot({
  frame: element("errors"),
  readout: element("errors-read"),
  table: byId("errors-table", HTMLDetailsElement),
  x: {
    label: "bumps",
    place: (value) => (value === 1 ? "1 bump" : `${value} bumps`),
    range: [0, mostBumps],
    tick: (value) => (Number.isInteger(value) ? String(value) : ""),
  },
  y: { label: "error", range: (_, high) => [0, Math.max(0.05, 1.1 * high)] },
  series: [{ label: "error", color: "ink", hasPoints: true }],
  data: computed(() => ({
    xs: Array.from({ length: mostBumps }, (_, i) => i + 1),
    ys: [errors.value ?? new Float32Array(mostBumps)],
  })),
  mark: computed(() => settings.signal.value.bumps),
  onPick: (x) => settings.set({ bumps: Math.min(Math.max(Math.round(x), 1), mostBumps) }),
  description: () => `Error for 1 to ${mostBumps} bumps`,
});

for (const id of ["construction", "training"])
  element(id).addEventListener("submit", (event) => event.preventDefault());
figure(element("figure"), {
  name: "cotangent-approximation",
  reset() {
    settings.reset();
    run.reset();
  },
  picture: () => sideBySide(run, ["built", "trained"]),
  words: () => [
    element("story").textContent ?? "",
    `${run.speed.value} steps a second on ${run.adapter.value ? adapterWords(run.adapter.value)[0] : "?"}`,
  ],
});
