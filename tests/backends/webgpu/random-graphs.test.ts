import fc from "fast-check";
import { test } from "vitest";
import { currentBackend } from "../../../src/graph/backend.ts";
import { init } from "../../../src/index.ts";
import { mismatch } from "../../graphs/agreement.ts";
import { graphs, opsIn } from "../../graphs/graphs.ts";
import { host } from "../../host.ts";

// Random programs, compiled and eager, on the GPU and on the reference: what they return, their gradients, and what they
// leave in variables. COTANGENT_GRAPHS is how many, COTANGENT_SEED where to start: each host and driver has programs of its
// own, since most of what they find is wrong on all of them.

await init();
const gpu = currentBackend()!;
const count = Number(import.meta.env["COTANGENT_GRAPHS"] ?? 50);
const seedOfHost = { node: 1, swiftshader: 2, chromium: 3 }[host];
const seed = Number(import.meta.env["COTANGENT_SEED"] ?? seedOfHost);

const looks = [
  { runs: 2, ulps: 8 },
  { runs: 24, ulps: 64 },
];

test(`${count} random graphs from seed ${seed} on: the GPU agrees with the reference`, async () => {
  await fc.assert(
    fc.asyncProperty(graphs, async (graph) => {
      let wrong: string | null;
      try {
        wrong = await mismatch(gpu, graph, looks);
      } catch (error) {
        wrong = error instanceof Error ? error.stack! : String(error);
      }
      if (wrong) throw new Error(`${wrong}\n${opsIn(graph).join(" ")}`);
    }),
    { numRuns: count, seed },
  );
}, 1e9);
