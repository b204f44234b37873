import { classifier } from "./data.ts";
import type { Library, Training } from "./library.ts";
import { countCalls } from "./measure/count.ts";
import { nameOf, settle, watchDevices, type AdapterName } from "./measure/devices.ts";
import { measure, type Bench, type Effort, type Row } from "./measure/measure.ts";
import { workloads } from "./workloads.ts";

// What runs where the libraries run: in the page, or in a process of Node.

let bench: Bench;

/** Loads the libraries, given by name with the addresses of their builds, and names the adapter they are on. */
export async function open(addresses: Record<string, string>): Promise<AdapterName> {
  const devices = watchDevices();
  const counts = countCalls();
  const libraries = new Map<string, Library>();
  for (const [name, address] of Object.entries(addresses)) {
    const library = (await import(/* @vite-ignore */ address)) as Library;
    await library.open();
    libraries.set(name, library);
  }
  bench = { libraries, counts, settle: () => settle(devices) };
  return nameOf(devices[0]);
}

/** The rows of the workload of this name in the modes of these names. */
export async function run(name: string, modes: readonly string[], effort: Effort): Promise<Row[]> {
  const workload = workloads.find((w) => w.name === name);
  if (!workload) throw new Error(`no workload is named ${name}`);
  const chosen = workload.modes.filter((mode) => modes.includes(mode.name));
  return measure(bench, workload, chosen, effort);
}

export interface FirstStep {
  milliseconds: number;
  loss: number;
}

/** Imports the training half of a library, trains for a step, and says how long both took. */
export async function firstStep(address: string): Promise<FirstStep> {
  const network = classifier(64);
  const start = performance.now();
  const library = (await import(/* @vite-ignore */ address)) as Training;
  await library.open();
  const trainer = library.train(network);
  trainer.step();
  const loss = await trainer.loss();
  return { milliseconds: performance.now() - start, loss };
}
