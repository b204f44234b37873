import { BYTES } from "./bytes.ts";
import { objectsIn, type Counts } from "./measure/count.ts";
import type { AdapterName } from "./measure/devices.ts";
import type { Result, Row } from "./measure/measure.ts";
import { digits, showRatio } from "./numbers.ts";
import type { Compilation } from "./measure/pipelines.ts";
import { inWasm } from "./peers.ts";
import { OWN, ratioTo, type Report, type Size } from "./report.ts";
import { spreadOf } from "./statistics.ts";
import type { Target } from "./targets.ts";
import { rowName } from "./workloads.ts";

const NAME = 64;
const CELL = 30;

function showAdapter({ software, ...names }: AdapterName): string {
  const name = [...new Set(Object.values(names).filter(Boolean))].join(", ") || "unnamed";
  return software ? `${name}: A SOFTWARE ADAPTER, no GPU` : name;
}

/** What was run where, and how its rows are read. */
export const showLegend = ({ host, adapter }: Report, rounds: number): string =>
  `${host}; adapter: ${showAdapter(adapter)}

Rows: median (least-most) of ${rounds} ${rounds === 1 ? "round" : "rounds"} of a step, a call or a first step; 4.0x: that peer takes 4 times as long as we do.
  queued: many steps, and the last loss is read; each read: every one is; repeat(100): one call for 100 steps, where there is such.
  First steps, in a fresh browser or process: from the call, or the import of the library, until the loss is read, or to the return of the call.
`;

const line = (name: string, cells: readonly string[]) =>
  [name.padEnd(NAME), ...cells.map((cell) => cell.padEnd(CELL))].join(" ").trimEnd();

export const showHead = (title: string, libraries: Record<string, string | null>) =>
  line(
    title,
    Object.entries(libraries).map(([name, version]) =>
      version === null ? `${name}: not installed` : `${name} ${version}`,
    ),
  );

/** Median, least and most; a speed is turned over, so that its least comes from the longest time. */
function showTimes({ samples, wrong }: Result, flops: number | null): string {
  if (wrong !== null) return "WRONG";
  const { min, median, max } = spreadOf(
    // Operations in a millisecond are 10⁶ times as many as those that a GFLOP/s means.
    flops === null ? samples : samples.map((time) => flops / time / 1e6),
  );
  return `${digits(median)} (${digits(min)}-${digits(max)})`;
}

const cellsOf = (row: Row, names: readonly string[]) =>
  names.map((name) => {
    const result = row.results[name];
    if (!result) return "-";
    const ratio = name === OWN ? null : ratioTo(name, row);
    return `${showTimes(result, row.flops)}${ratio ? `  ${showRatio(ratio.median)}` : ""}`;
  });

/** A row, and below it, for reference, what the peers' WebAssembly takes. */
export function showRow(row: Row, libraries: readonly string[]): string {
  const unit = row.flops === null ? "ms" : "GFLOP/s";
  const lines = [line(`${rowName(row.workload, row.mode)} [${unit}]`, cellsOf(row, libraries))];
  const wasm = libraries.map(inWasm);
  if (wasm.some((name) => row.results[name])) {
    lines.push(line("  the peers in WebAssembly", ["", ...cellsOf(row, wasm).slice(1)]));
  }
  return lines.join("\n");
}

const showCount = (count: number) => String(Number(count.toFixed(2)));

const showCalls = (counts: Counts) =>
  [counts.dispatches, counts.submits, counts.passes, objectsIn(counts), counts.writes, counts.maps]
    .map(showCount)
    .join(" / ");

export const showCounts = (row: Row, libraries: readonly string[]) =>
  line(
    rowName(row.workload, row.mode),
    libraries.map((name) => {
      const counts = row.results[name]?.counts;
      return counts ? showCalls(counts) : "-";
    }),
  );

export const showSizes = (
  bundler: string,
  sizes: Record<string, Size>,
  libraries: readonly string[],
) =>
  line(
    `${BYTES}, by ${bundler}: gzip (minified) [kB]`,
    libraries.map((name) => {
      const size = sizes[name];
      return size ? `${digits(size.gzip / 1e3)} (${digits(size.minified / 1e3)})` : "-";
    }),
  );

/** Each pipeline's time, the longest first. */
export const showCompilations = (compilations: readonly Compilation[]) =>
  [
    "  our pipelines, each compiled by itself:",
    ...compilations
      .toSorted((a, b) => b.milliseconds - a.milliseconds)
      .map(({ name, milliseconds }) => `    ${digits(milliseconds).padStart(6)} ms  ${name}`),
  ].join("\n");

/** The kinds of workloads, by how their names begin. */
const kinds = ["matmul", "MLP", "tiny", "CNN", "transformer", "first step"];
const OTHERS = "others";

const kindOf = ({ workload }: Row) => kinds.find((kind) => workload.startsWith(kind)) ?? OTHERS;

function showKind(report: Report, peer: string, kind: string): string[] {
  const ratios = report.rows
    .filter((row) => kindOf(row) === kind)
    .flatMap((row) => ratioTo(peer, row)?.median ?? []);
  if (ratios.length === 0) return [];
  const { min, median, max } = spreadOf(ratios);
  const range = ratios.length > 1 ? ` (${showRatio(min)}-${showRatio(max)})` : "";
  return [`${kind} ${showRatio(median)}${range}`];
}

const showWrong = ({ rows }: Report): string[] =>
  rows.flatMap(({ workload, mode, results }) =>
    Object.entries(results).flatMap(([library, { wrong }]) =>
      wrong === null ? [] : [`WRONG ${rowName(workload, mode)}, ${library}: ${wrong}`],
    ),
  );

/** How many times as long peers take for each kind of workload, and the targets. */
export function showSummary(report: Report, targets: readonly Target[]): string {
  const peers = Object.keys(report.libraries).filter((name) => name !== OWN);
  const ratios = peers.flatMap((peer) => {
    const found = [...kinds, OTHERS].flatMap((kind) => showKind(report, peer, kind));
    return found.length > 0 ? [`${peer} takes so many times as long: ${found.join(", ")}`] : [];
  });
  const judged = targets.map(
    ({ name, found, pass }) => `${pass ? "PASS" : "FAIL"}  ${name}: ${found}`,
  );
  const passed = targets.filter(({ pass }) => pass).length;
  return [
    "",
    ...ratios,
    ...showWrong(report),
    "",
    ...judged,
    `${passed} of ${targets.length} targets are met`,
  ].join("\n");
}
