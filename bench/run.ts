import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defineCommand, runMain } from "citty";
import { buildPart, sourceOf, type Part } from "./build.ts";
import { buildByEsbuild, buildByVite, BYTES, bytesFrom, WEIGHED } from "./bytes.ts";
import { networks } from "./data.ts";
import { firstStepRows, measureFirstStep, type Starter } from "./first-step.ts";
import { browserHost } from "./hosts/browser.ts";
import type { Host } from "./hosts/host.ts";
import { nodeHost } from "./hosts/node.ts";
import type { Target } from "./library.ts";
import type { AdapterName } from "./measure/devices.ts";
import type { Effort } from "./measure/measure.ts";
import { inWasm, installPeers, peers, peerVersion } from "./peers.ts";
import { OWN, withSpreads, type Report, type Size } from "./report.ts";
import {
  showCompilations,
  showCounts,
  showHead,
  showLegend,
  showRow,
  showSizes,
  showSummary,
} from "./table.ts";
import { targetsOf } from "./targets.ts";
import { rowName, workloads } from "./workloads.ts";

/** What a quick look runs. */
const quick = [
  "matmul 256 NN",
  "batch 64, queued",
  "tiny net 2-16-16-1, queued",
  `first step of ${WEIGHED}, call to loss`,
];

const workloadRows = workloads.flatMap(({ name, modes }) =>
  modes.map((mode) => rowName(name, mode.name)),
);
const allRows = [...workloadRows, ...Object.keys(networks).flatMap(firstStepRows), BYTES];

const folderOf = (library: string) =>
  peers.find(({ name }) => name === library)?.folder ?? "cotangent";

/** The versions of all that takes part, by name; null for a peer that could not be installed. */
async function versions(withPeers: boolean): Promise<Record<string, string | null>> {
  const own = await readFile(join(import.meta.dirname, "../package.json"), "utf8");
  const found: Record<string, string | null> = { [OWN]: JSON.parse(own).version };
  if (!withPeers) return found;
  const there = await installPeers();
  for (const peer of peers) found[peer.name] = there ? await peerVersion(peer.package) : null;
  return found;
}

/** A run of the bench. */
interface Run {
  host: Host;
  /** Those that are there, ours first. */
  libraries: readonly string[];
  /** Whether the peers' backends in WebAssembly are run for reference. */
  wasm: boolean;
  effort: Effort;
  wanted(row: string): boolean;
  report: Report;
}

const isPeer = (library: string) => library !== OWN;

/** Builds a part of each library; the files by the libraries' labels. */
async function buildAll(
  libraries: readonly string[],
  part: Part,
  target: Target,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of libraries) {
    const label = target === "gpu" ? name : inWasm(name);
    files[label] = await buildPart(name, folderOf(name), part, target);
  }
  return files;
}

/** Builds and loads all libraries; the adapter that they are on. */
async function openAll({ host, wanted, ...run }: Omit<Run, "report">): Promise<AdapterName> {
  const reference = await buildPart(OWN, "cotangent", "reference");
  // First steps are taken elsewhere.
  const none = !workloadRows.some(wanted);
  const libraries = none ? [OWN] : run.libraries;
  const onGpu = await buildAll(libraries, "library", "gpu");
  const inWasm = await buildAll(run.wasm ? libraries.filter(isPeer) : [], "library", "wasm");
  return host.open(onGpu, inWasm, reference);
}

/** Runs the workloads that are wanted and prints each row as it is found. */
async function measureWorkloads({ host, libraries, effort, report, wanted }: Run): Promise<void> {
  for (const workload of workloads) {
    const modes = workload.modes.filter((mode) => wanted(rowName(workload.name, mode.name)));
    if (modes.length === 0) continue;
    const names = modes.map((mode) => mode.name);
    for (const row of await host.run(workload.name, names, effort)) {
      report.rows.push(row);
      console.log(showRow(row, libraries));
    }
  }
}

const startersOf = (files: Record<string, string>, target: Target): Starter[] =>
  Object.entries(files).map(([label, file]) => ({ label, target, file }));

async function measureFirstSteps(run: Run): Promise<void> {
  const { host, libraries, wasm, effort, report, wanted } = run;
  for (const [network, make] of Object.entries(networks)) {
    if (!firstStepRows(network).some(wanted)) continue;
    const part = make().kind;
    const able = libraries.filter((name) => sourceOf(folderOf(name), part));
    const onGpu = await buildAll(able, part, "gpu");
    const inWasm = await buildAll(wasm ? able.filter(isPeer) : [], part, "wasm");
    const starters = [...startersOf(onGpu, "gpu"), ...startersOf(inWasm, "wasm")];
    const { rows, compilations } = await measureFirstStep(host, network, starters, effort.rounds);
    report.rows.push(...rows);
    report.compilations[network] = compilations;
    for (const row of rows) console.log(showRow(row, libraries));
    console.log(showCompilations(compilations));
  }
}

async function measureBytes({ host, libraries, report, wanted }: Run): Promise<void> {
  if (!wanted(BYTES)) return;
  const bundlers: Record<string, (name: string) => Promise<string>> = {
    Vite: (name) => buildByVite(name, folderOf(name)),
    // The peers' package brings it.
    ...(libraries.some(isPeer) && {
      esbuild: (name: string) => buildByEsbuild(name, folderOf(name)),
    }),
  };
  for (const [bundler, build] of Object.entries(bundlers)) {
    const sizes: Record<string, Size> = {};
    for (const name of libraries) sizes[name] = await bytesFrom(host, await build(name));
    report.sizes[bundler] = sizes;
    console.log(showSizes(bundler, sizes, libraries));
  }
}

/** Prints what is judged, and gives the exit code: 1 where a result is wrong or an exact target missed. */
function conclude(report: Report): number {
  const libraries = Object.keys(report.libraries);
  console.log(
    showHead(
      "\nA step or a call: dispatches / submits / passes / objects created / queue writes / maps",
      {},
    ),
  );
  const counted = report.rows.filter(({ results }) => results[OWN].counts);
  for (const row of counted) console.log(showCounts(row, libraries));
  const targets = targetsOf(report);
  console.log(showSummary(report, targets));
  const wrong = report.rows.some(({ results }) => results[OWN].wrong !== null);
  return wrong || targets.some(({ exact, pass }) => exact && !pass) ? 1 : 0;
}

/** Ends with a line about an option, and no stack. */
function refuse(why: string): void {
  console.error(why);
  process.exitCode = 1;
}

const command = defineCommand({
  meta: { name: "bench", description: "Times Cotangent, and beside it jax-js and TensorFlow.js" },
  args: {
    node: { type: "boolean", description: "In Node on Dawn" },
    rounds: { type: "string", description: "How often each is timed; 5, with --smoke 1" },
    only: { type: "string", valueHint: "NAME", description: "Rows whose names contain this" },
    smoke: { type: "boolean", description: "A few rows, briefly" },
    peers: { type: "boolean", default: true, description: "Compare with the peers" },
    wasm: { type: "boolean", default: true, description: "Also the peers in WebAssembly" },
    list: { type: "boolean", description: "The names of all rows, and nothing else" },
    out: { type: "string", default: "test-results/bench.json", description: "The JSON file" },
  },
  async run({ args }) {
    if (args.list) {
      console.log(allRows.join("\n"));
      return;
    }
    const rounds = Number(args.rounds ?? (args.smoke ? 1 : 5));
    const effort = { rounds, run: args.smoke ? 200 : 700, row: 4_000 };
    const names = args.only ? [args.only] : args.smoke ? quick : [""];
    const wanted = (row: string) => names.some((part) => row.includes(part));
    if (!Number.isInteger(rounds) || rounds < 1) {
      return refuse(`--rounds: a whole number ≥ 1 was expected, got "${args.rounds}"`);
    }
    if (!allRows.some(wanted)) {
      return refuse(`--only: no row's name contains "${args.only}"; --list has them all`);
    }

    const libraries = await versions(args.peers);
    const present = Object.keys(libraries).filter((name) => libraries[name]);
    const host = await (args.node ? nodeHost() : browserHost());
    try {
      // Workers of the page are what those need.
      const wasm = args.wasm && !args.smoke && !args.node;
      const plan = { host, libraries: present, wasm, effort, wanted };
      const adapter = await openAll(plan);
      const date = new Date().toISOString();
      const found = { rows: [], sizes: {}, compilations: {} };
      const report: Report = { date, host: host.name, adapter, libraries, ...found };
      const run = { ...plan, report };
      console.log(showLegend(report, rounds));
      console.log(showHead("", libraries));
      await measureWorkloads(run);
      await measureFirstSteps(run);
      // Bytes are those that a page loads.
      if (!args.node) await measureBytes(run);
      process.exitCode = conclude(report);
      await mkdir(dirname(args.out), { recursive: true });
      await writeFile(args.out, `${JSON.stringify(withSpreads(report), null, 1)}\n`);
      console.log(`written to ${args.out}`);
    } finally {
      await host.close();
    }
  },
});

await runMain(command);
