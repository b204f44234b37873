import { existsSync } from "node:fs";
import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { defineCommand, type ArgsDef, type ParsedArgs } from "citty";
import { init } from "cotangent";
import { readMnist } from "../../scripts/mnist.ts";
import { adapterOf } from "../adapter.ts";
import { loadMnist, type Digits } from "../mnist.ts";
import { judge, seeds, type Band } from "./bands.ts";
import { recipeNames, recipes, type RecipeName } from "./list.ts";
import { recipeEpochs, RecipeRun, type EpochResult } from "./recipes.ts";
import { bar, ProgressLine } from "./terminal.ts";

interface Sets {
  train: Digits;
  test: Digits;
}

const describe = ({ epoch, trainLoss, testAccuracy, stepsPerSecond }: EpochResult) =>
  `epoch ${epoch}  train loss ${trainLoss.toFixed(4)}  test accuracy ${testAccuracy.toFixed(4)}  ${stepsPerSecond.toFixed(0)} steps/s`;

/** Trains for so many epochs, with a line for each; what the last one came to. */
async function train(run: RecipeRun, epochs: number): Promise<EpochResult> {
  const line = new ProgressLine();
  const last = run.epoch + epochs;
  for (;;) {
    const result = await run.advance((done, loss) =>
      line.show(`epoch ${run.epoch + 1}  ${bar(done)}  loss ${loss.toFixed(4)}`),
    );
    line.finish(describe(result));
    if (result.epoch === last) return result;
  }
}

const showBand = (name: string, { value, low, high }: Band) =>
  `${name} ${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;

/** Runs a recipe with each seed and says whether the median ends where PyTorch's runs do. */
async function compare(name: RecipeName, sets: Sets): Promise<boolean> {
  const results: EpochResult[] = [];
  for (const seed of seeds) {
    console.log(`\n${recipes[name].title}, seed ${seed}`);
    results.push(await train(new RecipeRun(name, seed, sets), recipeEpochs));
  }
  const { accuracy, loss, inside } = judge(name, results);
  console.log(`median: ${showBand("train loss", loss)}, ${showBand("test accuracy", accuracy)}`);
  console.log(inside ? "inside PyTorch's bands" : "OUTSIDE PyTorch's bands");
  return inside;
}

async function compareAll(sets: Sets): Promise<void> {
  const outside: RecipeName[] = [];
  for (const name of recipeNames) if (!(await compare(name, sets))) outside.push(name);
  console.log(outside.length ? `\noutside: ${outside.join(", ")}` : "\nall recipes inside");
  if (outside.length > 0) process.exitCode = 1;
}

/** Refuses what `--bands` has no use for: it trains all recipes, each as PyTorch's runs did, and saves nothing. */
function refuseBesideBands(given: readonly string[]): void {
  const others = ["epochs", "seed", "out", "resume", "recipe"].map((name) => `--${name}`);
  const other = others.find((name) => given.some((arg) => arg.split("=")[0] === name));
  if (other) throw new Error(`${other}: not with --bands, which trains all recipes its own way`);
}

/** Makes sure, before any training, that a file can be written, and leaves things as they are. */
async function checkWritable(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const isNew = !existsSync(file);
  await (await open(file, "a")).close();
  if (isNew) await rm(file);
}

/** A whole number ≥ `least` that an option was given as. */
function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text !== "" && Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${option}: expected a whole number ≥ ${least}, got "${text}"`);
}

const options = {
  recipe: {
    type: "enum",
    options: recipeNames,
    default: "mlp-adam",
    description: "Network and optimizer",
  },
  epochs: { type: "string", default: String(recipeEpochs), description: "Epochs to train" },
  seed: { type: "string", default: "0", description: "Seed of the weights and of the batches" },
  backend: {
    type: "enum",
    options: ["webgpu", "cpu"],
    default: "webgpu",
    description: "The GPU, or the float64 reference",
  },
  out: { type: "string", valueHint: "FILE", description: "Where to save the safetensors file" },
  resume: { type: "string", valueHint: "FILE", description: "Saved file to continue from" },
  bands: { type: "boolean", description: "Run all recipes and compare them with PyTorch" },
} as const satisfies ArgsDef;

type Args = ParsedArgs<typeof options>;

/** Refuses what is not an option: a misspelt one would train all the same, and not as was meant. */
function refuseOthers(args: Args): void {
  const unknown = Object.keys(args).filter((name) => name !== "_" && !(name in options));
  const other = [...unknown.map((name) => `--${name}`), ...args._][0];
  if (other) throw new Error(`${other}: no such option; --help lists them`);
}

async function main(args: Args, given: readonly string[]): Promise<void> {
  refuseOthers(args);
  if (args.bands) refuseBesideBands(given);
  const name = args.recipe;
  const seed = wholeNumber("seed", args.seed, 0);
  const epochs = wholeNumber("epochs", args.epochs, 1);
  const file = args.out ?? `runs/${name}-${seed}.safetensors`;
  if (!args.bands) await checkWritable(file);
  const adapter = adapterOf(await init({ backend: args.backend }));
  const software = adapter.isFallback ? ", a software adapter" : "";
  console.log(`${adapter.backend}: ${adapter.name}${software}`);
  const sets = await loadMnist(readMnist);
  if (args.bands) return compareAll(sets);

  const run = new RecipeRun(name, seed, sets);
  if (args.resume) await run.load(await readFile(args.resume));
  console.log(`${recipes[name].title}, seed ${seed}`);
  await train(run, epochs);
  await writeFile(file, await run.save());
  console.log(`saved ${file}`);
}

/** `npm run train`. */
export const trainCommand = defineCommand({
  meta: { name: "train", description: "Trains a network on MNIST and saves it." },
  args: options,
  // What went wrong in one line: where in the code it was noticed tells a user nothing.
  run: ({ args, rawArgs }) =>
    main(args, rawArgs).catch(({ message }: Error) => {
      console.error(message);
      process.exitCode = 1;
    }),
});
