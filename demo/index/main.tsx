import { signal } from "@preact/signals-core";
import type { Report } from "../site/course.ts";
import { figure } from "../site/figure.ts";
import { byId, mount } from "../site/live.ts";
import { onMachine } from "../site/machine.ts";
import { furnish, linked } from "../site/page.ts";
import { Run } from "../site/run.ts";
import { Transport } from "../site/transport.tsx";
import { fields } from "./settings.ts";

/** Steps of a run. */
const length = 3000;

const settings = linked(fields);

/** The share of the points that the network tells apart. */
const accuracy = signal<number | null>(null);
const loss = signal<number | null>(null);
/** The loss at steps 1, 2, 5, 10, and so on. */
const milestones = signal<readonly (readonly [step: number, loss: number])[]>([]);

/** Whether a step is 1, 2 or 5 times a power of ten. */
const isMilestone = (step: number) => /^[125]0*$/.test(String(step));

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const run = new Run({
  worker,
  settings,
  length: () => length,
  onBegin() {
    accuracy.value = null;
    loss.value = null;
    milestones.value = [];
  },
  onReport: take,
});

function take(report: Report): void {
  switch (report.kind) {
    case "progress": {
      const { losses } = report;
      const first = run.step.value - losses.length + 1;
      const found = Array.from(losses, (value, i) => [first + i, value] as const);
      const reached = found.filter(([step]) => isMilestone(step));
      if (reached.length > 0) {
        const before = milestones.value.filter(([step]) => step < first);
        milestones.value = [...before, ...reached];
      }
      loss.value = losses.reduce((sum, value) => sum + value, 0) / losses.length;
      break;
    }
    case "look":
      accuracy.value = report.seen as number;
  }
}

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;

furnish(run);
run.attach("map", byId("map", HTMLCanvasElement));
mount(byId("controls", HTMLElement), () => (
  <Transport
    run={run as never}
    gauges={[
      { name: "step", value: run.step.value.toLocaleString("en") },
      { name: "loss", value: loss.value?.toFixed(3) ?? "–" },
      { name: "told apart", value: accuracy.value === null ? "–" : percent(accuracy.value) },
    ]}
  />
));
mount(byId("story", HTMLElement), () => {
  const share = accuracy.value;
  if (share === null || run.step.value === 0)
    return "The one below is about to learn to tell two spirals apart.";
  const seen = (run.step.value * settings.values.batch).toLocaleString("en");
  return (
    <>
      The one below has looked at <em>{seen}</em> examples and tells <em>{percent(share)}</em> of
      the points apart.
    </>
  );
});
mount(byId("losses", HTMLElement), () =>
  milestones.value.map(([step, value]) => (
    <tr key={step}>
      <th scope="row">{step.toLocaleString("en")}</th>
      <td>{value.toFixed(5)}</td>
    </tr>
  )),
);
mount(byId("speed", HTMLElement), () => run.speed.value);
mount(byId("machine", HTMLElement), () => onMachine(run.adapter.value));

for (const input of document.querySelectorAll<HTMLInputElement>("input.literal")) {
  const name = input.dataset["setting"] as keyof typeof fields;
  const take = () => {
    const value = fields[name].parse(input.value);
    input.ariaInvalid = String(value === undefined);
    if (value !== undefined) settings.set({ [name]: value });
  };
  input.addEventListener("input", take);
  settings.signal.subscribe((values) => {
    const text = String(values[name]);
    if (fields[name].parse(input.value) !== values[name]) input.value = text;
    input.size = Math.max(1, input.value.length);
  });
  // What makes no sense goes back to what holds.
  input.addEventListener("blur", () => {
    input.value = String(settings.values[name]);
    input.ariaInvalid = "false";
  });
}

figure(byId("figure", HTMLElement), {
  name: "cotangent-spirals",
  reset() {
    settings.reset();
    run.reset();
  },
  picture: async () => createImageBitmap(await run.picture("map")),
  words: () => [
    `Two spirals, told apart by a network after ${run.step.value.toLocaleString("en")} steps.`,
    `${run.speed.value} steps a second ${byId("machine", HTMLElement).textContent}`,
  ],
});
