import { BYTES } from "./bytes.ts";
import { networks, tasks } from "./data.ts";
import { firstStepOf } from "./first-step.ts";
import { objectsIn, type Counts } from "./measure/count.ts";
import type { Row } from "./measure/measure.ts";
import { digits } from "./numbers.ts";
import { OWN, ratioTo, type Report } from "./report.ts";
import { spreadOf } from "./statistics.ts";
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
  ["queue writes", 0, (counts) => counts.writes],
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

/** The part of a peer's time that ours should be at most. */
interface Share {
  /** How the names of the rows begin. */
  rows: string;
  peer: string;
  most: number;
}

const [MOST, HALF] = [0.67, 0.5];

/**
 * The parts that the time of some tasks should be at most; of the others it is `MOST`. A mean hardly does more than to
 * read, which takes all of them as long.
 */
const shareOf: Record<string, number> = { product: 0.3, mean: 1, inverse: 1, cholesky: 1 };

const taskShares = Object.keys(tasks).map((rows): Share => ({
  rows,
  peer: "jax-js",
  most: shareOf[rows.split(" ")[0]] ?? MOST,
}));

/** What of a first step is compared. */
const compared = ["call to loss", "import to loss"];

const firstStepShares = Object.keys(networks).flatMap((network) =>
  compared.map((mode): Share => ({
    rows: rowName(firstStepOf(network), mode),
    peer: "jax-js",
    most: 0.7,
  })),
);

const shares: readonly Share[] = [
  { rows: "MLP", peer: "jax-js", most: HALF },
  { rows: "CNN", peer: "jax-js", most: 1 / 4 },
  { rows: "CNN", peer: "tfjs", most: 1 / 20 },
  { rows: "transformer", peer: "jax-js", most: MOST },
  ...taskShares,
  ...firstStepShares,
];

function shareTargets(row: Row): Target[] {
  const name = rowName(row.workload, row.mode);
  return shares.flatMap(({ rows, peer, most }) => {
    const ratio = name.startsWith(rows) ? ratioTo(peer, row) : null;
    if (!ratio) return [];
    return {
      name: `${name}: at most ${digits(most)} of ${peer}'s time`,
      found: `${digits(1 / ratio.median)} (${digits(1 / ratio.max)}-${digits(1 / ratio.min)})`,
      pass: 1 / ratio.median <= most,
      exact: false,
    };
  });
}

/** No pipeline should take longer than half of jax-js's whole first step. */
function pipelineTargets({ rows, compilations }: Report): Target[] {
  return Object.entries(compilations).flatMap(([network, made]) => {
    const first = rows.find((r) => r.workload === firstStepOf(network) && r.mode === compared[0]);
    const samples = first?.results["jax-js"]?.samples ?? [];
    if (samples.length === 0 || made.length === 0) return [];
    const longest = Math.max(...made.map(({ milliseconds }) => milliseconds));
    const most = spreadOf(samples).median * HALF;
    return {
      name: `longest pipeline of ${network}: at most half of jax-js's first step`,
      found: `${digits(longest)} ms of ${digits(most)} ms`,
      pass: longest <= most,
      exact: false,
    };
  });
}

/** Bytes of the gzipped scripts that train, by the bundler that made them. */
const LARGEST: Record<string, number> = { Vite: 57_000, esbuild: 58_000 };

function sizeTargets({ sizes }: Report): Target[] {
  return Object.entries(LARGEST).flatMap(([bundler, most]) => {
    const size = sizes[bundler]?.[OWN];
    if (!size) return [];
    return {
      name: `${BYTES}, by ${bundler}: at most ${most / 1e3} kB gzipped`,
      found: `${(size.gzip / 1e3).toFixed(1)} kB`,
      pass: size.gzip <= most,
      exact: true,
    };
  });
}

export function targetsOf(report: Report): Target[] {
  const { rows } = report;
  const steps = rows.filter(({ workload }) => workload in networks && workload.startsWith("MLP"));
  return [
    ...steps.filter((row) => row.mode === "queued").flatMap(countTargets),
    ...rows.flatMap(shareTargets),
    ...pipelineTargets(report),
    ...sizeTargets(report),
  ];
}
