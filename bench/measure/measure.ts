import type { Library } from "../library.ts";
import { spreadOf } from "../statistics.ts";
import type { Mode, Prepared, Workload } from "../workloads.ts";
import { callsPerUnit, type Counts } from "./count.ts";

/** What one library did in a row. */
export interface Result {
  /** Milliseconds for a unit, one for each round. */
  samples: number[];
  /** Calls of WebGPU for a unit; null where that takes too long to count. */
  counts: Counts | null;
  /** Why its work does not count. */
  wrong: string | null;
}

/** A workload in one mode. */
export interface Row {
  workload: string;
  mode: string;
  flops: number | null;
  /** Units in a run. */
  units: number;
  results: Record<string, Result>;
}

export interface Effort {
  rounds: number;
  /** Milliseconds that a run of the slowest library should take. */
  run: number;
  /** Milliseconds after which a library sits out what rounds remain, once it was in two. */
  row: number;
}

export interface Bench {
  libraries: ReadonlyMap<string, Library>;
  /** What results are held against. */
  reference: Library;
  /** Null where no calls of WebGPU are to be counted. */
  counts: Counts | null;
  settle(): Promise<unknown>;
}

/** How far a value may be from the reference, absolutely and of its size. */
const TOLERANCE = 1e-3;

export function deviation(values: readonly number[], expected: readonly number[]): string | null {
  for (const [i, value] of values.entries()) {
    const error = Math.abs(value - expected[i]) / Math.max(1, Math.abs(expected[i]));
    if (!(error <= TOLERANCE)) return `${value} where ${expected[i]} is right`;
  }
  return null;
}

export const messageOf = (error: unknown) =>
  error instanceof Error ? error.message : String(error);

type Entrant = [library: string, prepared: Prepared];

/** Times a workload in some of its modes; libraries that fail at it, or do it wrong, say so. */
export async function measure(
  bench: Bench,
  workload: Workload,
  modes: readonly Mode[],
  effort: Effort,
): Promise<Row[]> {
  const expected = (await workload.prepare(bench.reference))!.values;
  const entrants: Entrant[] = [];
  const wrong = new Map<string, string | null>();
  for (const [name, library] of bench.libraries) {
    try {
      const prepared = await workload.prepare(library);
      if (!prepared) continue;
      entrants.push([name, prepared]);
      wrong.set(name, deviation(prepared.values, expected));
    } catch (error) {
      wrong.set(name, messageOf(error));
    }
  }
  const rows: Row[] = [];
  for (const mode of modes) {
    const units = await unitsFor(bench, entrants, mode, effort);
    const samples = await interleave(bench, entrants, mode.name, { ...effort, units });
    const results: Row["results"] = {};
    for (const [name, reason] of wrong) {
      results[name] = { samples: samples.get(name) ?? [], counts: null, wrong: reason };
    }
    for (const [name, prepared] of bench.counts ? entrants : []) {
      const units = unitsToCount(
        prepared.chunkOf(mode.name),
        spreadOf(results[name].samples).median,
      );
      if (units === 0) continue;
      results[name].counts = await callsPerUnit(bench.counts!, units, (units) =>
        prepared.run(mode.name, units),
      );
    }
    rows.push({
      workload: workload.name,
      mode: mode.name,
      flops: workload.flops,
      units,
      results,
    });
  }
  return rows;
}

/** Milliseconds that counting calls should take a library and at most may, and the most chunks for it. */
const COUNTING = { time: 500, limit: 5_000, chunks: 20 };

/** Over how many units calls are counted: many where they are fast, so that what is rare shows as such; 0 for none. */
function unitsToCount(chunk: number, milliseconds: number): number {
  const time = chunk * milliseconds;
  // The units are run once and then twice.
  if (3 * time > COUNTING.limit) return 0;
  return chunk * Math.min(Math.max(Math.floor(COUNTING.time / time), 1), COUNTING.chunks);
}

/** Milliseconds of a run that starts with all devices idle. */
async function time(bench: Bench, run: () => Promise<unknown>): Promise<number> {
  await bench.settle();
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Milliseconds below which a first run says too little about the next. */
const SHORT = 200;

/** How many units a run has, the same for all: by the slowest library, once all are warm. */
async function unitsFor(
  bench: Bench,
  entrants: readonly Entrant[],
  mode: Mode,
  effort: Effort,
): Promise<number> {
  let slowest = 0;
  for (const [, prepared] of entrants) {
    const chunk = prepared.chunkOf(mode.name);
    const run = () => prepared.run(mode.name, chunk);
    const first = await time(bench, run);
    const elapsed = first < SHORT ? await time(bench, run) : first;
    slowest = Math.max(slowest, elapsed / chunk);
  }
  return Math.min(Math.max(Math.floor(effort.run / slowest), mode.least), mode.most);
}

/** Runs all in turn, round after round, each time beginning with another, so that drift hits all alike. */
async function interleave(
  bench: Bench,
  entrants: readonly Entrant[],
  mode: string,
  { units, rounds, row }: Effort & { units: number },
): Promise<Map<string, number[]>> {
  const samples = new Map(entrants.map(([name]) => [name, [] as number[]]));
  const spent = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    for (const i of entrants.keys()) {
      const [name, prepared] = entrants[(i + round) % entrants.length];
      const before = spent.get(name) ?? 0;
      if (round >= 2 && before > row) continue;
      const elapsed = await time(bench, () => prepared.run(mode, units));
      samples.get(name)?.push(elapsed / units);
      spent.set(name, before + elapsed);
    }
  }
  return samples;
}
