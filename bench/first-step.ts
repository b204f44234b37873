import type { Host } from "./hosts/host.ts";
import type { Target } from "./library.ts";
import { deviation, messageOf, type Result, type Row } from "./measure/measure.ts";
import type { Compilation } from "./measure/pipelines.ts";
import { OWN } from "./report.ts";
import type { FirstStep } from "./session.ts";
import { rowName } from "./workloads.ts";

/** What is told of a first step: a row each. */
const modes = {
  "call to loss": "fromCall",
  "import to loss": "fromImport",
  "the call alone": "call",
} as const satisfies Record<string, keyof FirstStep>;

export const firstStepOf = (network: string) => `first step of ${network}`;

export const firstStepRows = (network: string): string[] =>
  Object.keys(modes).map((mode) => rowName(firstStepOf(network), mode));

/** A library, and the file of it that trains the network. */
export interface Starter {
  label: string;
  target: Target;
  /** Below the folder of all that is built. */
  file: string;
}

/** Rounds that a line for reference gets. */
const REFERENCE_ROUNDS = 2;

/** Times the first step of a network in fresh browsers, and the pipelines that it needs. */
export async function measureFirstStep(
  host: Host,
  network: string,
  starters: readonly Starter[],
  rounds: number,
): Promise<{ rows: Row[]; compilations: Compilation[] }> {
  const expected = [await host.firstLoss(network)];
  const steps = new Map<string, FirstStep[]>();
  const wrong = new Map<string, string | null>();
  const compilations: Compilation[][] = [];
  for (let round = 0; round < rounds; round++) {
    for (const i of starters.keys()) {
      const { label, target, file } = starters[(i + round) % starters.length];
      if (target === "wasm" && round >= REFERENCE_ROUNDS) continue;
      const found = steps.get(label) ?? [];
      steps.set(label, found);
      try {
        const step = await host.firstStep(file, network, label === OWN);
        found.push(step);
        wrong.set(label, wrong.get(label) ?? deviation([step.loss], expected));
        if (label === OWN) compilations.push(step.compilations);
      } catch (error) {
        wrong.set(label, messageOf(error));
      }
    }
  }
  const rows = Object.entries(modes).map(([mode, key]): Row => {
    const results: Record<string, Result> = {};
    for (const [label, found] of steps) {
      const samples = found.map((step) => step[key]);
      results[label] = { samples, counts: null, wrong: wrong.get(label) ?? null };
    }
    return { workload: firstStepOf(network), mode, flops: null, units: 1, results };
  });
  return { rows, compilations: leastOf(compilations) };
}

/** The least time of each pipeline; what else the machine did only adds. */
function leastOf(rounds: readonly Compilation[][]): Compilation[] {
  if (rounds.length === 0) return [];
  return rounds[0].map(({ name }, i) => ({
    name,
    milliseconds: Math.min(...rounds.map((found) => found[i]?.milliseconds ?? Infinity)),
  }));
}
