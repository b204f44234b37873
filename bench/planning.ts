import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Planning } from "./planning/child.ts";
import { growing } from "./planning/graphs.ts";
import { spreadOf } from "./statistics.ts";

// npm run bench:planning [ROUNDS]: how long the way from a traced graph to a plan with its shaders takes, pipelines left
// out: in a fresh process each time, the median of five. Ends with 1 where a target is missed.

const MOST_FOR_10_000 = 500;
const MOST_FOR_TWICE = 2.3;
const TIMES = [0.5, 1, 2, 4];

const run = promisify(execFile);
const rounds = Number(process.argv[2] ?? 5);
const child = join(import.meta.dirname, "planning/child.ts");
const runner = join(import.meta.dirname, "../scripts/run.mjs");

async function median(name: string, size: number): Promise<Planning> {
  const found: Planning[] = [];
  for (let i = 0; i < rounds; i++) {
    const { stdout } = await run(process.execPath, [runner, child, name, String(size)]);
    found.push(JSON.parse(stdout.trim().split("\n").at(-1)!) as Planning);
  }
  const { median: milliseconds } = spreadOf(found.map((f) => f.milliseconds));
  return { ...found[0], milliseconds };
}

let missed = 0;
const check = (holds: boolean) => {
  if (!holds) missed++;
  return holds ? "" : "  MISSED";
};
console.log(`${"".padEnd(24)}   nodes  dispatches  planning  per node  times the half`);
for (const { name, size } of growing) {
  let half: Planning | null = null;
  for (const factor of TIMES) {
    const found = await median(name, Math.round(size * factor));
    const { nodes, dispatches, milliseconds } = found;
    // A graph is never just twice as large as another.
    const growth = half ? (milliseconds / half.milliseconds / (nodes / half.nodes)) * 2 : null;
    const slow = factor === 1 ? check((milliseconds * 10_000) / nodes <= MOST_FOR_10_000) : "";
    const steep = growth === null ? "" : check(growth <= MOST_FOR_TWICE);
    console.log(
      [
        name.padEnd(24),
        String(nodes).padStart(7),
        String(dispatches).padStart(11),
        `${milliseconds.toFixed(0)} ms`.padStart(9),
        `${((milliseconds * 1000) / nodes).toFixed(1)} µs`.padStart(9),
        (growth === null ? "" : `${growth.toFixed(2)}x`).padStart(15),
      ].join(" ") +
        slow +
        steep,
    );
    half = found;
  }
}
console.log(
  `\ntargets: 10,000 nodes in ${MOST_FOR_10_000} ms, twice the nodes in ${MOST_FOR_TWICE} times the time; ${missed} missed`,
);
process.exitCode = missed > 0 ? 1 : 0;
