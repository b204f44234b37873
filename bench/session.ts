import { networks } from "./data.ts";
import { train, type Library, type Target } from "./library.ts";
import { countCalls } from "./measure/count.ts";
import { nameOf, settle, watchDevices, type AdapterName } from "./measure/devices.ts";
import { measure, type Bench, type Effort, type Row } from "./measure/measure.ts";
import { compileAgain, recordPipelines, type Compilation } from "./measure/pipelines.ts";
import { workloads } from "./workloads.ts";

// What runs where the libraries run: in the page, or in a process of Node.

let bench: Bench;

async function load(address: string): Promise<Library> {
  const library = (await import(/* @vite-ignore */ address)) as Library;
  await library.open();
  return library;
}

/**
 * Loads the libraries, given by name with the addresses of their builds, and the reference. Names the adapter that they
 * are on; null for WebAssembly.
 */
export async function open(
  addresses: Record<string, string>,
  reference: string,
  target: Target,
): Promise<AdapterName | null> {
  const devices = watchDevices();
  const counts = target === "gpu" ? countCalls() : null;
  const libraries = new Map<string, Library>();
  for (const [name, address] of Object.entries(addresses)) {
    libraries.set(name, await load(address));
  }
  bench = {
    libraries,
    reference: await load(reference),
    counts,
    settle: () => settle(devices),
  };
  return target === "gpu" ? nameOf(devices[0]) : null;
}

/** The rows of the workload of this name in the modes of these names. */
export async function run(name: string, modes: readonly string[], effort: Effort): Promise<Row[]> {
  const workload = workloads.find((w) => w.name === name);
  if (!workload) throw new Error(`no workload is named ${name}`);
  const chosen = workload.modes.filter((mode) => modes.includes(mode.name));
  return measure(bench, workload, chosen, effort);
}

/** The loss of a network's first step, by the reference. */
export async function firstLoss(network: string): Promise<number> {
  const trainer = train(bench.reference, networks[network]());
  trainer!.step();
  return trainer!.loss();
}

/** A first step, in milliseconds. */
export interface FirstStep {
  /** From the import of the library to the loss. */
  fromImport: number;
  /** From the call of the step to the loss. */
  fromCall: number;
  /** Until that call returned: tracing, differentiating and planning. */
  call: number;
  loss: number;
}

/** Imports what trains a network and trains for a step, in a page or process where nothing has been loaded. */
export async function firstStep(address: string, network: string): Promise<FirstStep> {
  const data = networks[network]();
  recordPipelines();
  const start = performance.now();
  const trainer = train(await load(address), data)!;
  const called = performance.now();
  trainer.step();
  const returned = performance.now();
  const loss = await trainer.loss();
  const end = performance.now();
  return { fromImport: end - start, fromCall: end - called, call: returned - called, loss };
}

/** How long the pipelines of that step take to compile, one after the other. */
export const compilations = (): Promise<Compilation[]> => compileAgain();
