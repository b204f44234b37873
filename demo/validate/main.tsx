import "uplot/dist/uPlot.min.css";
import { batch, computed, effect, signal } from "@preact/signals-core";
import type { SelfTestResult } from "cotangent/check";
import { version } from "../../package.json";
import { Controls } from "../site/controls.tsx";
import { failureWords } from "../site/failure.ts";
import { figure, stacked } from "../site/figure.ts";
import { byId, mount } from "../site/live.ts";
import { adapterWords } from "../site/machine.ts";
import { notify } from "../site/notices.ts";
import { furnish, linked } from "../site/page.ts";
import { plot, powerOfTen } from "../site/plot.ts";
import { Run } from "../site/run.ts";
import { Gauges } from "../site/transport.tsx";
import type { Answer, Machine, News, Question, RecipeRow } from "./protocol.ts";
import { Recipes } from "./recipes.tsx";
import { reportOf } from "./report.ts";
import { Row } from "./row.tsx";
import { chosen, fields } from "./settings.ts";
import { shareOf, tallies } from "./tally.ts";

const element = (id: string) => byId(id, HTMLElement);

/** Milliseconds between two looks at what has happened. */
const rest = 100;

/** Errors below this share are drawn as if they were of this size: there is no zero on a logarithmic axis. */
const smallest = 1e-3;

const settings = linked(fields);
const machine = signal<Machine | null>(null);
/** What is under way. */
const busy = signal<"test" | "train" | null>(null);
const results = signal<readonly SelfTestResult[]>([]);
const cases = signal({ done: 0, total: 0 });
/** Whether the last test went through to its end. */
const isWhole = signal(false);
const seconds = signal(0);
const training = signal({ share: 0, text: "" });
const recipes = signal<readonly RecipeRow[]>([]);

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const run = new Run<typeof fields, Question, Answer>({
  worker,
  settings,
  withoutGpu: "so there is none to be tested",
  onReport({ kind }) {
    if (kind === "ready") void run.ask({ kind: "machine" }).then(({ machine: m }) => (machine.value = m ?? null)); // prettier-ignore
  },
});

const hasGpu = computed(() => run.adapter.value?.backend === "webgpu");
const only = computed(() => chosen(machine.value?.ops ?? [], settings.signal.value.only));
const rows = computed(() => {
  const names = new Set(only.value);
  const own = results.value.filter(({ op }) => names.has(op));
  return tallies(settings.signal.value.by, only.value, own);
});
const wrong = computed(() => results.value.filter(({ ok }) => !ok));
const report = computed(() =>
  reportOf({
    version,
    browser: navigator.userAgent,
    machine: machine.value,
    results: results.value,
    isWhole: isWhole.value,
    recipes: recipes.value,
  }),
);

/** Takes in what has happened; whether there is more to come. */
function take(news: readonly News[]): boolean {
  const found: SelfTestResult[] = [];
  let isOver = false;
  batch(() => {
    for (const each of news) {
      if (each.kind === "result") {
        found.push(each.result);
        cases.value = { done: each.done, total: each.total };
      } else if (each.kind === "training") {
        training.value = each;
      } else if (each.kind === "recipe") {
        recipes.value = [...recipes.value, each.row];
      } else {
        isOver = true;
        if (busy.value === "test") isWhole.value = each.isWhole;
        else training.value = { share: each.isWhole ? 1 : 0, text: "" };
        if (each.failure !== undefined) notify(`It ended too early. ${each.failure}`);
      }
    }
    if (found.length > 0) results.value = [...results.value, ...found];
    if (isOver) busy.value = null;
  });
  return !isOver;
}

/** Has the worker do something, and shows what comes of it. */
async function begin(what: "test" | "train"): Promise<void> {
  batch(() => {
    busy.value = what;
    if (what === "train") {
      recipes.value = [];
      return;
    }
    results.value = [];
    isWhole.value = false;
    cases.value = { done: 0, total: 0 };
    seconds.value = 0;
  });
  const start = performance.now();
  try {
    const { epochs } = settings.values;
    await run.ask(what === "test" ? { kind: "test", only: only.value } : { kind: "train", epochs });
    for (let goesOn = true; goesOn;) {
      const { news = [] } = await run.ask({ kind: "news" });
      if (what === "test") seconds.value = (performance.now() - start) / 1000;
      goesOn = take(news);
      await new Promise((done) => setTimeout(done, rest));
    }
  } catch (error) {
    busy.value = null;
    notify(failureWords(error));
  }
}

/** Begins, or stops what is under way. */
function toggle(what: "test" | "train"): void {
  if (busy.value === what) void run.ask({ kind: "stop" });
  else void begin(what);
}

async function copyReport(): Promise<void> {
  try {
    await navigator.clipboard.writeText(report.value);
    notify("The report is copied.");
  } catch {
    getSelection()?.selectAllChildren(element("report"));
    notify("This browser lets no page copy: the report at the end of the page is selected.");
  }
}

/** The button that begins something and stops it. */
function Toggle({ what, label }: { what: "test" | "train"; label: string }) {
  const isBusy = busy.value === what;
  return (
    <button
      type="button"
      class="primary"
      disabled={!isBusy && (busy.value !== null || !hasGpu.value || only.value.length === 0)}
      onClick={() => toggle(what)}
    >
      {isBusy ? "Stop" : label}
    </button>
  );
}

furnish(run);
mount(element("story"), () => {
  const { done, total } = cases.value;
  const tested = new Set(results.value.map(({ op }) => op)).size;
  if (run.adapter.value && !hasGpu.value) return "There is no GPU here to be tested.";
  if (tested === 0) return "Does your GPU compute what mathematics says?";
  const bad = new Set(wrong.value.map(({ op }) => op)).size;
  if (bad > 0)
    return (
      <>
        <em>{bad}</em> of {tested} ops come out wrong on your GPU: please copy the report.
      </>
    );
  if (!isWhole.value)
    return (
      <>
        <em>{done}</em> of {total} cases compared: your GPU computes what mathematics says.
      </>
    );
  return (
    <>
      Your GPU computes <em>{tested}</em> ops and their gradients as mathematics says.
    </>
  );
});
mount(element("controls"), () => {
  const { done, total } = cases.value;
  return (
    <>
      <Toggle what="test" label="Test" />
      <button type="button" onClick={() => void copyReport()}>
        Copy report
      </button>
      <Gauges
        gauges={[
          { name: "cases", value: total === 0 ? "–" : `${done} of ${total}` },
          { name: "wrong", value: total === 0 ? "–" : String(wrong.value.length) },
          { name: "seconds", value: total === 0 ? "–" : seconds.value.toFixed(1) },
        ]}
      />
      <progress max={1} value={total && done / total} aria-label="Progress of the test" />
    </>
  );
});
mount(element("settings"), () => (
  <>
    <label class="text">
      <span>{fields.only.label}</span>
      <input
        type="text"
        name="only"
        spellcheck={false}
        autocomplete="off"
        placeholder="all"
        value={settings.values.only}
        onInput={({ currentTarget }) => settings.set({ only: currentTarget.value })}
      />
    </label>
    <Controls settings={settings} names={["by"]} />
  </>
));
mount(element("rows"), () => rows.value.map((tally) => <Row key={tally.name} tally={tally} />));

const name = (at: number) => rows.peek()[at - 1]?.name ?? "";
const percent = (share: number) =>
  share <= smallest ? "next to nothing" : `${Number((100 * share).toPrecision(2))}% of the limit`;
plot({
  frame: element("errors"),
  readout: element("errors-read"),
  x: { label: "row", format: name, tick: () => "" },
  y: {
    label: "share",
    isLog: true,
    format: percent,
    tick: powerOfTen,
    range: (_, high) => [smallest / 2, Math.max(10, high < Infinity ? 2 * high : 1e4)],
  },
  series: [
    { label: "error", color: "ink", width: 0, hasPoints: true },
    { label: "wrong", color: "red", width: 0, hasPoints: true },
    { label: "limit", color: "red", width: 1, isGuide: true },
  ],
  data: computed(() => {
    const shares = rows.value.map(({ worst }) =>
      worst ? Math.min(Math.max(shareOf(worst), smallest), 1e4) : null,
    );
    return {
      xs: shares.map((_, i) => i + 1),
      ys: [
        shares.map((share) => (share !== null && share <= 1 ? share : null)),
        shares.map((share) => (share !== null && share > 1 ? share : null)),
        shares.map(() => 1),
      ],
    };
  }),
  description: () =>
    `The worst errors of ${rows.peek().length} rows; ${wrong.peek().length} comparisons beyond the limit`,
});
mount(element("pace"), () =>
  seconds.value === 0 ? "–" : Math.round(results.value.length / seconds.value).toLocaleString("en"),
);
mount(element("machine"), () =>
  run.adapter.value && hasGpu.value ? `on ${adapterWords(run.adapter.value)[0]}` : "on your GPU",
);

mount(element("recipes"), () => (
  <>
    <form class="settings" onSubmit={(event) => event.preventDefault()}>
      <Controls settings={settings} names={["epochs"]} />
    </form>
    <Toggle what="train" label="Train" />
    <div data-longest="softmax regression 784-10, SGD lr 0.1, seed 3, epoch 5">
      <p role="status">{training.value.text}</p>
    </div>
    <progress max={1} value={training.value.share} aria-label="Progress of the training" />
  </>
));
mount(element("bands"), () => (
  <>
    <thead>
      <tr>
        <th scope="col">run</th>
        <th scope="col">train loss</th>
        <th scope="col">test accuracy</th>
        <th scope="col">steps a second</th>
      </tr>
    </thead>
    <Recipes found={recipes.value} epochs={settings.values.epochs} />
  </>
));
effect(() => {
  element("report").textContent = report.value;
});

element("settings").addEventListener("submit", (event) => event.preventDefault());
figure(element("figure"), {
  name: "cotangent-validate",
  reset: () => settings.reset(),
  picture: async () => stacked(element("figure").querySelectorAll(".uplot canvas")),
  words: () => [
    element("story").textContent ?? "",
    `Errors of ${rows.peek().length} rows as shares of what rounding explains, on ${run.adapter.value ? adapterWords(run.adapter.value)[0] : "?"}`,
  ],
});
