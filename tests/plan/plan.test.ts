import fc from "fast-check";
import { test } from "vitest";
import { setCurrentBackend, currentBackend } from "../../src/graph/backend.ts";
import { add, compile, concat, matmul, tensor, zeros, type Tensor } from "../../src/index.ts";
import { mismatch, randomOf } from "../graphs/agreement.ts";
import { graphs, opsIn } from "../graphs/graphs.ts";
import { PlanBackend } from "./plan-backend.ts";
import { catchPrograms, LIMITS, softwareTarget } from "./plan-of.ts";

catchPrograms();

// Plans of random programs, carried out number by number on the host: no shader is involved.

const count = Number(process.env["COTANGENT_PLANS"] ?? 150);
const seed = Number(process.env["COTANGENT_SEED"] ?? 1);

const looks = [
  { runs: 2, ulps: 1e-4 },
  { runs: 24, ulps: 1e-3 },
];

test(`plans of ${count} random graphs from seed ${seed} on compute what the graphs say`, async () => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.integer({ min: 4, max: 10 }), async (graph, bindings) => {
      const target = softwareTarget(bindings);
      // Every other device has kernels of ops' own.
      const limits = { ...LIMITS, bindings, ...(bindings % 2 === 0 && { target }) };
      const backend = new PlanBackend(limits, randomOf(seed));
      const wrong = await mismatch(backend, graph, looks);
      if (wrong) throw new Error(`${wrong}\n${opsIn(graph).join(" ")}`);
    }),
    { numRuns: count, seed },
  );
}, 1e9);

test("a value that is stored for one reader does not make another bind too many", () => {
  const outer = currentBackend();
  setCurrentBackend(new PlanBackend(LIMITS, randomOf(seed)));
  const f = compile((...xs: Tensor[]) => {
    const shared = add(xs[0], xs[1]);
    const sum = xs.slice(0, 7).reduce((a, b) => add(a, b.mul(2)), shared);
    return [sum, concat([shared, ...xs.slice(7)], 0)];
  });
  // Plans are verified when they are made.
  f.plan(...Array.from({ length: 13 }, () => tensor([1, 2])));
  setCurrentBackend(outer);
});

test("zeros around a tensor without elements are read from nowhere", () => {
  const outer = currentBackend();
  setCurrentBackend(new PlanBackend(LIMITS, randomOf(seed)));
  const f = compile((x: Tensor) => {
    const none = x.mul(2);
    const framed = none.pad([
      [1, 1],
      [0, 0],
    ]);
    return [none, framed.add(1), matmul(framed, framed, { transposeB: true })];
  });
  f.plan(zeros([0, 3]));
  setCurrentBackend(outer);
});
