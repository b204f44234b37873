import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defineCommand, runMain } from "citty";
import { buildLibrary } from "./build.ts";
import { FIRST_STEP, measureFirstStep } from "./first-step.ts";
import { browserHost } from "./hosts/browser.ts";
import type { Host } from "./hosts/host.ts";
import { nodeHost } from "./hosts/node.ts";
import type { Effort } from "./measure/measure.ts";
import { installPeers, peerVersion } from "./peers.ts";
import { OWN, withSpreads, type Report } from "./report.ts";
import { showAdapter, showCounts, showHead, showRow, showSizes, showSummary } from "./table.ts";
import { targetsOf } from "./targets.ts";
import { rowName, workloads } from "./workloads.ts";

const peers = [
  { name: "jax-js", folder: "peers/jax", package: "@jax-js/jax" },
  { name: "tfjs", folder: "peers/tfjs", package: "@tensorflow/tfjs-core" },
];

/** What a quick look runs. */
const quick = ["matmul 256 NN", "batch 64, queued", "tiny net 2-16-16-1, queued", FIRST_STEP];

/** The versions of all that takes part, by name; null for a peer that could not be installed. */
async function versions(withPeers: boolean): Promise<Record<string, string | null>> {
  const own = await readFile(join(import.meta.dirname, "../package.json"), "utf8");
  const found: Record<string, string | null> = { [OWN]: JSON.parse(own).version };
  if (!withPeers) return found;
  const there = await installPeers();
  for (const peer of peers) found[peer.name] = there ? await peerVersion(peer.package) : null;
  return found;
}

async function buildAll(libraries: readonly string[]): Promise<void> {
  await buildLibrary(OWN, OWN);
  for (const { name, folder } of peers) {
    if (libraries.includes(name)) await buildLibrary(name, folder);
  }
}

/** Runs what is wanted and prints each row as it is found. */
async function measureAll(
  host: Host,
  report: Report,
  wanted: (name: string) => boolean,
  effort: Effort,
): Promise<void> {
  const libraries = Object.keys(report.libraries).filter((name) => report.libraries[name]);
  for (const workload of workloads) {
    const modes = workload.modes.filter((mode) => wanted(rowName(workload.name, mode.name)));
    if (modes.length === 0) continue;
    const names = modes.map((mode) => mode.name);
    for (const row of await host.run(workload.name, names, effort)) {
      report.rows.push(row);
      console.log(showRow(row, libraries));
    }
  }
  if (!wanted(FIRST_STEP)) return;
  const { row, sizes } = await measureFirstStep(host, libraries, Math.min(effort.rounds, 3));
  report.rows.push(row);
  report.sizes = sizes;
  console.log(showRow(row, libraries));
  console.log(showSizes(sizes, libraries));
}

/** Prints what is judged, and gives the exit code: 1 where a result is wrong or an exact target missed. */
function conclude(report: Report): number {
  const libraries = Object.keys(report.libraries);
  console.log(
    showHead("\na step: dispatches / submits / passes / objects created / writes / maps", {}),
  );
  const counted = report.rows.filter(({ results }) => results[OWN].counts);
  for (const row of counted) console.log(showCounts(row, libraries));
  const targets = targetsOf(report);
  console.log(showSummary(report, targets));
  const wrong = report.rows.some(({ results }) => results[OWN].wrong !== null);
  return wrong || targets.some(({ exact, pass }) => exact && !pass) ? 1 : 0;
}

const command = defineCommand({
  meta: { name: "bench", description: "Times Cotangent, and beside it jax-js and TensorFlow.js" },
  args: {
    node: { type: "boolean", description: "In Node on Dawn, where no peer runs" },
    rounds: { type: "string", description: "How often each is timed; 5, with --smoke 1" },
    only: { type: "string", valueHint: "NAME", description: "Rows whose names contain this" },
    smoke: { type: "boolean", description: "A few rows, briefly" },
    peers: { type: "boolean", default: true, description: "Compare with the peers" },
    out: { type: "string", default: "test-results/bench.json", description: "The JSON file" },
  },
  async run({ args }) {
    const rounds = Number(args.rounds ?? (args.smoke ? 1 : 5));
    if (!Number.isInteger(rounds) || rounds < 1) {
      throw new Error(`--rounds: a whole number ≥ 1 was expected, got "${args.rounds}"`);
    }
    const effort = { rounds, run: args.smoke ? 200 : 700, row: 4_000 };
    const names = args.only ? [args.only] : args.smoke ? quick : [""];
    const wanted = (name: string) => names.some((part) => name.includes(part));

    const rows = workloads.flatMap(({ name, modes }) => modes.map((m) => rowName(name, m.name)));
    if (![...rows, FIRST_STEP].some(wanted)) {
      throw new Error(`--only: no row's name contains "${args.only}"`);
    }

    const libraries = await versions(args.peers && !args.node);
    const present = Object.keys(libraries).filter((name) => libraries[name]);
    await buildAll(present);
    const host = await (args.node ? nodeHost() : browserHost());
    try {
      const adapter = await host.open(present);
      const date = new Date().toISOString();
      const report: Report = { date, host: host.name, adapter, libraries, rows: [], sizes: {} };
      console.log(`${host.name}; ${showAdapter(adapter)}`);
      console.log(
        `median (least-most) of ${rounds} ${rounds === 1 ? "round" : "rounds"}, and how many times as long a peer takes`,
      );
      console.log(showHead("", libraries));
      await measureAll(host, report, wanted, effort);
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
