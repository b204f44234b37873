import fc from "fast-check";
import { test } from "vitest";
import { currentBackend } from "../../../src/graph/backend.ts";
import { init } from "../../../src/index.ts";
import { mismatch } from "../../graphs/agreement.ts";
import { graphs, opsIn } from "../../graphs/graphs.ts";

// Random programs, compiled and eager, on the GPU and on the reference: what they return, their gradients, and what they
// leave in variables. COTANGENT_GRAPHS is how many, COTANGENT_SEED where to start.

await init();
const gpu = currentBackend()!;
const { env } = globalThis.process ?? { env: {} };
const count = Number(env["COTANGENT_GRAPHS"] ?? 150);
const seed = Number(env["COTANGENT_SEED"] ?? 1);

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
