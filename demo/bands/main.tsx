import { signal } from "@preact/signals-core";
import { init } from "cotangent";
import { adapterOf, type Adapter } from "../adapter.ts";
import { loadMnist, type Digits } from "../mnist.ts";
import { judge, seeds, type Band } from "../recipes/bands.ts";
import {
  recipeEpochs,
  recipeNames,
  RecipeRun,
  recipes,
  type EpochResult,
  type RecipeName,
} from "../recipes/recipes.ts";
import { byId } from "../site/live.ts";
import { furnish } from "../site/page.ts";

const button = byId("run", HTMLButtonElement);
const state = byId("state", HTMLElement);
const progress = byId("progress", HTMLProgressElement);
const results = byId("results", HTMLTableSectionElement);

const adapter = signal<Adapter | null>(null);
furnish({ adapter });

const total = recipeNames.length * seeds.length * recipeEpochs;
/** Epochs of runs that are through. */
let finished = 0;

function addRow(className: string, ...texts: string[]): void {
  const [title, ...rest] = texts;
  const row = results.insertRow();
  const head = document.createElement("th");
  row.className = className;
  head.scope = "row";
  head.textContent = title;
  row.append(head);
  for (const text of rest) row.insertCell().textContent = text;
}

/** Runs a recipe with each seed; whether the medians lie in PyTorch's bands. */
async function compare(name: RecipeName, sets: { train: Digits; test: Digits }): Promise<boolean> {
  const { title } = recipes[name];
  const last: EpochResult[] = [];
  for (const seed of seeds) {
    const run = new RecipeRun(name, seed, sets);
    let result: EpochResult;
    do {
      const before = finished + run.epoch;
      state.textContent = `${title}, seed ${seed}, epoch ${run.epoch + 1}`;
      result = await run.advance((share) => (progress.value = (before + share) / total));
    } while (result.epoch < recipeEpochs);
    finished += recipeEpochs;
    last.push(result);
    const { trainLoss, testAccuracy, stepsPerSecond } = result;
    addRow(
      "",
      title,
      String(seed),
      trainLoss.toFixed(4),
      testAccuracy.toFixed(4),
      stepsPerSecond.toFixed(0),
    );
  }
  const { accuracy, loss, inside } = judge(name, last);
  const show = ({ value, low, high }: Band) =>
    `${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;
  addRow(
    inside ? "inside" : "outside",
    inside ? "inside PyTorch's bands" : "outside PyTorch's bands",
    "median",
    show(loss),
    show(accuracy),
    "",
  );
  return inside;
}

async function run(): Promise<void> {
  const backend = new URLSearchParams(location.search).get("backend") === "cpu" ? "cpu" : "webgpu";
  const device = await init({ backend });
  adapter.value = adapterOf(device);
  const sets = await loadMnist(async (name) => (await fetch(`./mnist/${name}`)).arrayBuffer());
  finished = 0;
  results.replaceChildren();
  let inside = 0;
  for (const name of recipeNames) if (await compare(name, sets)) inside++;
  state.textContent = `${inside} of ${recipeNames.length} recipes inside PyTorch's bands.`;
  device.dispose();
}

button.addEventListener("click", () => {
  button.disabled = true;
  run()
    .catch((error: unknown) => (state.textContent = String(error)))
    .finally(() => (button.disabled = false));
});
