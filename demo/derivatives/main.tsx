import "uplot/dist/uPlot.min.css";
import { batch, computed, effect, signal } from "@preact/signals-core";
import { wrap, type Remote } from "comlink";
import { figure } from "../site/figure.ts";
import { keepInReach } from "../site/in-reach.ts";
import { latest } from "../site/latest.ts";
import { byId, mount } from "../site/live.ts";
import { onMachine } from "../site/machine.ts";
import { NumberInput } from "../site/number-input.tsx";
import { furnish, linked } from "../site/page.ts";
import { plot, type PlotData } from "../site/plot.ts";
import { Run } from "../site/run.ts";
import { svgPicture } from "../site/svg-picture.ts";
import { palette } from "../site/theme.ts";
import { placeFor } from "./expression.ts";
import { examples } from "./formula-settings.ts";
import { numeral, subscripted } from "./format.ts";
import styles from "./graph.css?inline";
import { Graph, progressAt } from "./graph.tsx";
import { showDifferences } from "./differences.tsx";
import type { Answer, Answers, Question } from "./protocol.ts";
import { mountRace } from "./race/race.tsx";
import { readExpression } from "./read.ts";
import type { Reference } from "./reference-worker.ts";
import { mountRules } from "./rules/rules.tsx";
import { fields } from "./settings.ts";
import { forwardStep, reverseStep } from "./steps.ts";

const element = (id: string) => byId(id, HTMLElement);

const settings = linked(fields);
/** What is typed, which may not be readable. */
const typed = signal(settings.values.formula);
/** Counts up when all has to be computed anew. */
const turn = signal(0);

const trace = signal<Answers["trace"] | null>(null);
const errors = signal<Answers["errors"] | null>(null);
const ways = signal<Answers["ways"]>([]);
const curve = signal<Answers["curve"] | null>(null);
const speed = signal<number | null>(null);

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const run = new Run<typeof fields, Question, Answer>({
  worker,
  settings,
  onReport({ kind }) {
    if (kind === "ready" || kind === "lost") turn.value++;
  },
});

const values = settings.signal;
const reading = computed(() => readExpression(typed.value));
/** The input that forward mode begins from, of those that there are. */
const by = computed(() => Math.min(values.value.by, values.value.at.length - 1));
const count = computed(() => trace.value?.nodes.length ?? 0);
const progress = computed(() =>
  progressAt(Math.min(values.value.step, 2 * count.value), count.value),
);
const isNarrow = matchMedia("(max-width: 719px)");
const narrow = signal(isNarrow.matches);
isNarrow.addEventListener("change", () => (narrow.value = isNarrow.matches));

async function ask<K extends keyof Answers>(kind: K): Promise<Answers[K]> {
  const { formula, at } = values.value;
  const isTall = narrow.value;
  return (await run.ask({ kind, formula, at, by: by.value, isTall })) as Answers[K];
}

const askAll = latest(async () => {
  trace.value = await ask("trace");
  ways.value = await ask("ways");
  errors.value = await ask("errors");
  speed.value = await ask("speed");
});
const askCurve = latest(async () => {
  curve.value = await ask("curve");
});
const isReadable = computed(() => readExpression(values.value.formula).expression !== undefined);
const subject = computed(() => JSON.stringify([values.value.formula, values.value.at]));
/** Whether there is something to compute: a link may hold a formula that cannot be read. */
const canAsk = computed(() => turn.value > 0 && isReadable.value);
effect(() => {
  void subject.value;
  void narrow.value;
  void turn.value;
  if (canAsk.value) askAll();
});
effect(() => {
  void subject.value;
  void by.value;
  void turn.value;
  if (canAsk.value) askCurve();
});

furnish(run);

/** Takes over a formula that can be read, with as many inputs as it names; the link follows. */
function type(text: string): void {
  typed.value = text;
  const { expression } = readExpression(text);
  if (expression)
    settings.set({ formula: text, at: placeFor(expression, values.value.at), step: 0 });
}

values.subscribe(({ formula, at }) => {
  if (readExpression(typed.peek()).expression) typed.value = formula;
  // A link may hold more numbers than the formula has inputs, or less.
  const { expression } = readExpression(formula);
  if (expression) settings.set({ at: placeFor(expression, at) });
});

const nameOf = (i: number) => subscripted(`x${i + 1}`);

mount(element("ask"), () => {
  const { error } = reading.value;
  const { at, formula } = values.value;
  return (
    <>
      <label class="formula">
        <span>f(x₁, x₂, …) =</span>
        <div class="field">
          {/* Behind the text, a mark where it cannot be read. */}
          <div class="behind" id="behind" aria-hidden="true">
            {error && (
              <>
                {typed.value.slice(0, error.at)}
                <mark>{typed.value.slice(error.at, error.at + 1) || "␣"}</mark>
              </>
            )}
          </div>
          <input
            type="text"
            name="formula"
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            value={typed.value}
            aria-invalid={error ? "true" : "false"}
            aria-describedby="formula-error"
            onInput={({ currentTarget }) => type(currentTarget.value)}
            onScroll={({ currentTarget }) =>
              element("behind").scrollTo({ left: currentTarget.scrollLeft })
            }
          />
        </div>
      </label>
      <p class="error" id="formula-error" role="status">
        {error && (
          <>
            <span class="quiet">At letter {error.at + 1}: </span>
            {error.message}.
          </>
        )}
      </p>
      <div class="places">
        {at.map((x, i) => (
          <label key={i}>
            {nameOf(i)} ={" "}
            <NumberInput
              name={`x${i + 1}`}
              value={x}
              take={(value) => settings.set({ at: at.map((v, j) => (j === i ? value : v)) })}
            />
          </label>
        ))}
        <span class="examples">
          {Object.entries(examples).map(([key, example]) => (
            <button
              key={key}
              type="button"
              aria-pressed={example.formula === formula}
              onClick={() =>
                batch(() => {
                  typed.value = example.formula;
                  settings.set({ formula: example.formula, at: example.at, by: 0, step: 0 });
                })
              }
            >
              {example.name}
            </button>
          ))}
        </span>
      </div>
    </>
  );
});
element("ask").addEventListener("submit", (event) => event.preventDefault());

mount(element("story"), () => {
  const nodes = trace.value?.nodes;
  if (!nodes) return "Both modes of differentiation, one assignment at a time.";
  const n = values.value.at.length;
  const lost = nodes.find(({ value }) => !Number.isFinite(value));
  if (lost)
    return (
      <>
        <em>
          {subscripted(lost.name)} = {subscripted(lost.expression)}
        </em>{" "}
        has no value here, nor has what is made of it.
      </>
    );
  const { at, isBack } = progress.value;
  if (at === null)
    return (
      <>
        {nodes.length === 1 ? "One assignment" : `${nodes.length} assignments`}: forward mode walks{" "}
        {nodes.length === 1 ? "it" : "them"} <em>{n === 1 ? "once" : `${n} times`}</em>, reverse
        mode <em>once</em>, and back.
      </>
    );
  const { name, tangents, adjoint } = nodes[at];
  const [who, input] = [subscripted(name), nameOf(by.value)];
  if (!isBack && at < n)
    return (
      <>
        Forward: {who} is given, and its derivative by {input} is <em>{tangents[by.value]}</em>.
      </>
    );
  return isBack ? (
    <>
      Back: as {who} grows by a little, f grows by <em>{numeral(adjoint)}</em> times that.
    </>
  ) : (
    <>
      Forward: as {input} grows by a little, {who} grows by <em>{numeral(tangents[by.value])}</em>{" "}
      times that.
    </>
  );
});

mount(element("graph"), () => {
  const { value } = trace;
  if (!value) return null;
  return (
    <>
      <style>{styles}</style>
      <Graph {...value} progress={progress.value} by={by.value} />
    </>
  );
});
effect(() => {
  const nodes = trace.value?.nodes ?? [];
  element("graph").ariaLabel = `The graph of the formula: ${nodes
    .map(({ name, expression }) => `${name} = ${expression}`)
    .join(", ")}`;
});

const playing = signal(false);
let timer: ReturnType<typeof setInterval> | undefined;
effect(() => {
  clearInterval(timer);
  if (!playing.value) return;
  timer = setInterval(() => {
    const { step } = values.peek();
    if (step >= 2 * count.peek()) playing.value = false;
    else settings.set({ step: step + 1 });
  }, 900);
});

mount(element("player"), () => {
  const total = 2 * count.value;
  const step = Math.min(values.value.step, total);
  const go = (to: number) => {
    playing.value = false;
    settings.set({ step: Math.min(Math.max(to, 0), total) });
  };
  const { at, isBack } = progress.value;
  const where = at === null ? "not begun" : `${isBack ? "back" : "forward"}, ${nameOf(at)}`;
  return (
    <>
      <button
        type="button"
        class="primary"
        onClick={() => {
          if (!playing.value && step >= total) settings.set({ step: 0 });
          playing.value = !playing.value;
        }}
      >
        {playing.value ? "Pause" : "Play"}
      </button>
      <button type="button" aria-label="One step back" onClick={() => go(step - 1)}>
        ‹
      </button>
      <button type="button" aria-label="One step on" onClick={() => go(step + 1)}>
        ›
      </button>
      <label>
        <span class="quiet">Steps forward, and then back</span>
        <input
          type="range"
          name="step"
          min={0}
          max={total}
          step={1}
          value={step}
          aria-valuetext={where}
          onInput={({ currentTarget }) => go(currentTarget.valueAsNumber)}
        />
      </label>
      <label class="from">
        from{" "}
        <select
          name="by"
          value={String(by.value)}
          onChange={({ currentTarget }) => settings.set({ by: Number(currentTarget.value) })}
        >
          {values.value.at.map((_, i) => (
            <option key={i} value={String(i)}>
              {nameOf(i)}
            </option>
          ))}
        </select>
      </label>
    </>
  );
});

keepInReach(element("player"), element("walk"));

mount(element("line"), () => {
  const nodes = trace.value?.nodes;
  const { at, isBack } = progress.value;
  if (!nodes || at === null)
    return <p>Press Play, or drag: first forward through the list, then back.</p>;
  const lines = isBack ? reverseStep(nodes, at) : forwardStep(nodes, at, by.value);
  return lines.map((html, i) => <p key={i} dangerouslySetInnerHTML={{ __html: html }} />);
});

mount(element("list"), () => {
  const nodes = trace.value?.nodes ?? [];
  const { values: reached, adjoints, at } = progress.value;
  const inputs = values.value.at.map((_, i) => i);
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">assignment</th>
          <th scope="col">value</th>
          {inputs.map((i) => (
            <th key={i} scope="col" class="ahead">
              ∂/∂{nameOf(i)}
            </th>
          ))}
          <th scope="col" class="back">
            x̄
          </th>
        </tr>
      </thead>
      <tbody>
        {nodes.map(({ name, expression, value, tangents, adjoint }, k) => {
          const ahead = k < reached;
          const back = k >= nodes.length - adjoints;
          return (
            <tr key={name} class={k === at ? "now" : ""}>
              <th scope="row">
                {subscripted(name)} = {subscripted(expression)}
              </th>
              <td>{ahead ? numeral(value) : ""}</td>
              {inputs.map((i) => (
                <td key={i} class="ahead">
                  {ahead ? numeral(tangents[i]) : ""}
                </td>
              ))}
              <td class="back">{back ? numeral(adjoint) : ""}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
});

mount(element("cost"), () => {
  const cost = trace.value?.cost;
  if (!cost) return "";
  const { forward, reverse } = cost;
  const passes = (n: number) => (n === 1 ? "one pass" : `${n} passes`);
  return `For all derivatives: forward ${passes(forward.passes)}, ${forward.operations} operations, ${forward.kept} values kept at most; reverse ${passes(reverse.passes)}, ${reverse.operations} operations, ${reverse.kept} values kept.`;
});

const finite = (all: ArrayLike<number>) => Array.from(all, (v) => (Number.isFinite(v) ? v : null));
plot({
  frame: element("curve"),
  x: { label: "" },
  y: { label: "f", range: (low, high) => roomFor(low, high) },
  series: [
    { label: "f", color: "ink" },
    { label: "slope", color: "red" },
  ],
  data: computed<PlotData>(() => {
    const { value } = curve;
    return value
      ? { xs: value.xs, ys: [finite(value.values), finite(value.slopes)] }
      : {
          xs: [0, 1],
          ys: [
            [null, null],
            [null, null],
          ],
        };
  }),
  mark: computed(() => values.value.at[by.value]),
  onPick: (x) =>
    settings.set({
      at: values.peek().at.map((v, i) => (i === by.peek() ? Number(x.toFixed(2)) : v)),
    }),
  description: () =>
    "The formula and its slope along an input; there is a gap where it has no value",
});

/** What lies near the middle: a pole would leave everything else flat. */
function roomFor(low: number, high: number): [number, number] {
  const all = [...(curve.value?.values ?? [])].filter(Number.isFinite).sort((a, b) => a - b);
  const [a, b] =
    all.length > 0
      ? [all[Math.floor(all.length * 0.02)], all[Math.floor(all.length * 0.98)]]
      : [low, high];
  const room = Math.max(0.1, 0.15 * (b - a));
  return [Math.min(a, 0) - room, Math.max(b, 0) + room];
}

mount(element("curve-keys"), () => (
  <>
    <b class="of-ink">f</b> and <b class="of-red">its slope</b> along {nameOf(by.value)}: drag to
    move it
  </>
));

showDifferences({ settings, errors, ways });
mount(element("speed"), () => (speed.value === null ? "–" : (speed.value / 1e6).toPrecision(3)));
mount(element("machine"), () => onMachine(run.adapter.value));

/** The graph as it is drawn, in the colours of the page. */
async function picture(): Promise<HTMLImageElement> {
  const drawn = element("graph");
  const copy = drawn.querySelector("svg")?.cloneNode(true) as SVGSVGElement | undefined;
  if (!copy || !trace.value) throw new Error("there is no graph yet");
  copy.prepend(drawn.querySelector("style")!.cloneNode(true));
  const { width, height } = trace.value.layout;
  return svgPicture(copy, width, height, palette.value);
}

figure(element("figure"), {
  name: "cotangent-derivatives",
  reset() {
    playing.value = false;
    settings.reset("formula", "at", "by", "step", "epsilon");
    typed.value = values.peek().formula;
  },
  picture,
  words: () => [`f = ${values.value.formula} at ${values.value.at.join(", ")}`],
});

const reference: Remote<Reference> = wrap(
  new Worker(new URL("./reference-worker.ts", import.meta.url), { type: "module" }),
);
mountRules({ settings, reference });
mountRace({ settings, run, reference });
