import { objectsIn, type Counts } from "./measure/count.ts";
import type { Row } from "./measure/measure.ts";
import { OWN, ratioTo, type Report } from "./report.ts";
import { showRatio } from "./numbers.ts";
import { rowName } from "./workloads.ts";

/** Something that was aimed at, and what came of it. */
export interface Target {
  name: string;
  found: string;
  pass: boolean;
  /** Whether it is the same at every run: a count, not a time. */
  exact: boolean;
}

const limits: readonly [name: string, limit: number, count: (counts: Counts) => number][] = [
  ["dispatches", 13, (counts) => counts.dispatches],
  ["submits", 1, (counts) => counts.submits],
  ["passes", 1, (counts) => counts.passes],
  ["objects created", 0, objectsIn],
];

function countTargets(row: Row): Target[] {
  const counts = row.results[OWN]?.counts;
  if (!counts) return [];
  return limits.map(([name, limit, count]) => ({
    name: `${row.workload}: at most ${limit} ${name} a step`,
    found: String(count(counts)),
    // A page for the losses of many steps is not a step's.
    pass: Math.round(count(counts)) <= limit,
    exact: true,
  }));
}

/** How many times as long as ours a step of the fastest peer should take. */
const FASTER = 2;

function speedTargets(row: Row): Target[] {
  const ratio = ratioTo("jax-js", row);
  if (!ratio) return [];
  return [
    {
      name: `${rowName(row.workload, row.mode)}: jax-js takes at least ${FASTER}x as long`,
      found: `${showRatio(ratio.median)} (${showRatio(ratio.min)}-${showRatio(ratio.max)})`,
      pass: ratio.median >= FASTER,
      exact: false,
    },
  ];
}

/** Bytes of the gzipped scripts that train. */
const LARGEST = 60_000;

export function targetsOf({ rows, sizes }: Report): Target[] {
  const steps = rows.filter((row) => row.workload.startsWith("MLP"));
  const targets = [
    ...steps.filter((row) => row.mode === "queued").flatMap(countTargets),
    ...steps.flatMap(speedTargets),
  ];
  const size = sizes[OWN];
  if (size) {
    targets.push({
      name: `scripts that train: at most ${LARGEST / 1e3} KB gzipped`,
      found: `${(size.gzip / 1e3).toFixed(1)} KB`,
      pass: size.gzip <= LARGEST,
      exact: true,
    });
  }
  return targets;
}
