import { computed, effect, signal } from "@preact/signals-core";
import type { Remote } from "comlink";
import type { ComponentChild } from "preact";
import { Chips } from "../../site/chips.tsx";
import { Controls } from "../../site/controls.tsx";
import { figure } from "../../site/figure.ts";
import { keepInReach } from "../../site/in-reach.ts";
import { latest } from "../../site/latest.ts";
import { byId, mount, onFrame } from "../../site/live.ts";
import type { Settings } from "../../site/settings.ts";
import { palette } from "../../site/theme.ts";
import { numeral } from "../format.ts";
import type { Reference } from "../reference-worker.ts";
import type { fields } from "../settings.ts";
import {
  endingOf,
  hundredths,
  length,
  runners,
  stepsAt,
  type Ending,
  type Race,
  type Runner,
} from "./result.ts";
import { onMap, raceFields } from "./settings.ts";
import { scaleOf, sketch, styles } from "./sketch.ts";
import { surfaces, viewOf } from "./surfaces.ts";

const element = (id: string) => byId(id, HTMLElement);

const names: Readonly<Record<Runner, string>> = {
  descent: "gradient descent",
  momentum: "momentum",
  newton: "Newton’s method",
};

/** Milliseconds that a race takes to be shown. */
const duration = 7000;

interface RaceOptions {
  settings: Settings<typeof fields>;
  /** What draws the map on the canvas "map". */
  run: {
    attach(name: string, canvas: HTMLCanvasElement): void;
    picture(name: string): Promise<Blob>;
  };
  reference: Remote<Reference>;
}

/** Three methods run down a surface: the map, the tracks on it, the numbers of each, and what can be set. */
export function mountRace({ settings, run, reference }: RaceOptions): void {
  const tracks = signal<Race | null>(null);
  const surface = computed(() => surfaces[settings.signal.value.surface]);
  const steps = computed(() => stepsAt(settings.signal.value.race));
  const endings = computed(() => {
    const race = tracks.value;
    return race && runners.map((each) => endingOf(race[each], 2 * surface.value.reach));
  });

  const ask = latest(async () => {
    const { surface, tiltX, tiltY, start, rate, momentum } = settings.values;
    tracks.value = await reference.race({ surface, tilt: [tiltX, tiltY], start, rate, momentum });
  });
  const asked = computed(() => {
    const { race: _, ...rest } = settings.signal.value;
    return JSON.stringify(Object.keys(raceFields).map((key) => rest[key as keyof typeof rest]));
  });
  effect(() => {
    void asked.value;
    ask();
  });

  const play = player(settings);
  run.attach("map", byId("map", HTMLCanvasElement));
  const canvas = byId("tracks", HTMLCanvasElement);
  drawTracks(canvas, () => {
    const { start } = settings.signal.value;
    return [surface.value, start, tracks.value, steps.value];
  });
  onStart(canvas, (left, top) => {
    const place = scaleOf(surface.peek(), canvas.clientWidth).from([left, top]);
    settings.set({ start: onMap(settings.values.surface, ...place) });
  });

  mount(element("surfaces"), () => (
    <Chips
      name="surface"
      options={Object.fromEntries(Object.entries(surfaces).map(([key, { name }]) => [key, name]))}
      value={settings.signal.value.surface}
      choose={(name) =>
        settings.set({ surface: name as keyof typeof surfaces, tiltX: 0, tiltY: 0 })
      }
    />
  ));
  mount(element("race-player"), () => (
    <>
      <button type="button" class="primary" onClick={play.toggle}>
        {play.isOn.value ? "Pause" : "Race"}
      </button>
      <label>
        <span>
          Steps made <output>{steps.value.toLocaleString("en")}</output>
        </span>
        <input
          type="range"
          name="race"
          min={0}
          max={1}
          step={0.005}
          value={settings.signal.value.race}
          aria-valuetext={`${steps.value} steps`}
          onInput={({ currentTarget }) => play.goTo(currentTarget.valueAsNumber)}
        />
      </label>
    </>
  ));
  keepInReach(element("race-player"), element("race"));
  mount(element("race-story"), () => storyOf(endings.value));
  mount(element("race-table"), () => (
    <Results race={tracks.value} endings={endings.value} steps={steps.value} />
  ));
  mount(element("race-settings"), () => (
    <>
      <StartSliders settings={settings} />
      <Controls settings={settings} names={["tiltX", "tiltY", "rate", "momentum"]} />
    </>
  ));
  for (const id of ["surfaces", "race-settings"])
    element(id).addEventListener("submit", (event) => event.preventDefault());

  figure(element("race"), {
    name: "cotangent-race",
    reset: () => settings.reset("start", "tiltX", "tiltY", "rate", "momentum", "race"),
    async picture() {
      const map = await createImageBitmap(await run.picture("map"));
      const made = new OffscreenCanvas(map.width, map.height);
      const context = made.getContext("2d");
      context?.drawImage(map, 0, 0);
      context?.drawImage(canvas, 0, 0, map.width, map.height);
      return made;
    },
    words: () => [
      `${surface.value.name}: ${element("race-story").textContent ?? ""}`,
      "Gradient descent: circles, momentum: squares, Newton’s method: triangles",
    ],
  });
}

/** What is drawn on a sheet. */
type Drawn = Parameters<typeof sketch> extends [unknown, ...infer R] ? R : never;

/** Has the tracks drawn anew when what they are drawn from changes, in the size that the page shows them. */
function drawTracks(canvas: HTMLCanvasElement, what: () => Drawn): void {
  const draw = onFrame(() => {
    const context = canvas.getContext("2d");
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!context || width === 0) return;
    const pixelRatio = devicePixelRatio;
    const size = [width, height].map((n) => Math.round(n * pixelRatio));
    if (canvas.width !== size[0]) canvas.width = size[0];
    if (canvas.height !== size[1]) canvas.height = size[1];
    const font = `13px ${getComputedStyle(canvas).fontFamily}`;
    const sheet = { context, width, height, pixelRatio, palette: palette.peek(), font };
    sketch(sheet, ...what());
  });
  effect(() => {
    void palette.value;
    what();
    draw();
  });
  new ResizeObserver(draw).observe(canvas);
  // What was drawn goes with the GPU's process.
  canvas.addEventListener("contextrestored", draw);
}

/** Calls `move` with the place on the map that is pressed, and those that the pointer is then dragged to. */
function onStart(canvas: HTMLCanvasElement, move: (left: number, top: number) => void): void {
  const at = ({ clientX, clientY }: PointerEvent) => {
    const { left, top } = canvas.getBoundingClientRect();
    move(clientX - left, clientY - top);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    at(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) at(event);
  });
}

/** Moves the race on with time. */
function player(settings: Settings<typeof fields>) {
  const isOn = signal(false);
  let last = 0;
  const frame = (now: number) => {
    if (!isOn.peek()) return;
    const race = Math.min(settings.values.race + (now - last) / duration, 1);
    last = now;
    settings.set({ race });
    if (race >= 1) isOn.value = false;
    else requestAnimationFrame(frame);
  };
  const goTo = (race: number) => {
    isOn.value = false;
    settings.set({ race });
  };
  const toggle = () => {
    isOn.value = !isOn.value;
    if (!isOn.value) return;
    if (settings.values.race >= 1) settings.set({ race: 0 });
    last = performance.now();
    requestAnimationFrame(frame);
  };
  return { isOn, toggle, goTo };
}

const plural = (n: number) => `${n.toLocaleString("en")} step${n === 1 ? "" : "s"}`;

const places = { minimum: "at a minimum", saddle: "at a saddle", maximum: "on a summit" } as const;

/** Who is where after how many steps. */
function storyOf(endings: readonly Ending[] | null): ComponentChild {
  if (!endings) return "Three methods run down a surface.";
  const [descent, momentum, newton] = endings.map((ending) => {
    if (ending.kind === "lost") return <>lost after {plural(ending.step)}</>;
    if (ending.kind === "under way") return <>under way after {plural(length)}</>;
    return (
      <>
        {places[ending.kind]} after <em>{plural(ending.step)}</em>
      </>
    );
  });
  return (
    <>
      Newton’s method is {newton}, momentum {momentum}, gradient descent {descent}.
    </>
  );
}

const placeOf = ({ kind, x, y }: Extract<Ending, { x: number; kind: keyof typeof places }>) => (
  <>
    a {kind} at{" "}
    <span class="place">
      ({hundredths(x)}, {hundredths(y)})
    </span>
  </>
);

interface ResultsProps {
  race: Race | null;
  endings: readonly Ending[] | null;
  steps: number;
}

/** What each runner makes of it, in numbers. */
const Results = ({ race, endings, steps }: ResultsProps): ComponentChild => (
  <table>
    <thead>
      <tr>
        <th scope="col">method</th>
        <th scope="col">steps</th>
        <th scope="col">to within 1% of</th>
        <th scope="col">height now</th>
      </tr>
    </thead>
    <tbody>
      {runners.map((runner, i) => {
        const ending = endings?.[i];
        const { color, mark } = styles[runner];
        return (
          <tr key={runner}>
            <th scope="row">
              <svg viewBox="-8 -8 16 16" aria-hidden="true" class="mark">
                <path d={mark} style={{ fill: `var(--${color})` }} />
              </svg>{" "}
              {names[runner]}
            </th>
            <td>
              {!ending
                ? "–"
                : ending.kind === "under way"
                  ? `over ${length.toLocaleString("en")}`
                  : ending.kind === "lost"
                    ? "never"
                    : ending.step.toLocaleString("en")}
            </td>
            <td>
              {!ending || ending.kind === "under way"
                ? "–"
                : ending.kind === "lost"
                  ? `lost at step ${ending.step}`
                  : placeOf(ending)}
            </td>
            <td>{race ? numeral(race[runner].heights[steps]) : "–"}</td>
          </tr>
        );
      })}
    </tbody>
  </table>
);

/** Where all begin, by keyboard. */
function StartSliders({ settings }: Pick<RaceOptions, "settings">): ComponentChild {
  const { surface, start } = settings.signal.value;
  const view = viewOf(surfaces[surface]);
  return (["x", "y"] as const).map((axis, i) => (
    <label key={axis} class="slider">
      <span>
        Start at {axis} <output>{numeral(start[i])}</output>
      </span>
      <input
        type="range"
        name={`start-${axis}`}
        min={view[axis][0]}
        max={view[axis][1]}
        step={0.05}
        value={start[i]}
        onInput={({ currentTarget }) => {
          const [x, y] = start.with(i, currentTarget.valueAsNumber);
          settings.set({ start: onMap(surface, x, y) });
        }}
      />
    </label>
  ));
}
