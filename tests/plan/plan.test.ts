import fc from "fast-check";
import { test } from "vitest";
import { add, concat, matmul, tensor, variable, zeros, type Tensor } from "../../src/index.ts";
import type { Limits } from "../../src/plan/plan.ts";
import { mismatch, randomOf } from "../graphs/agreement.ts";
import { build, graphs, opsIn, SHAPES } from "../graphs/graphs.ts";
import { PlanBackend } from "./plan-backend.ts";
import { catchPrograms, LIMITS, planOf, softwareTarget } from "./plan-of.ts";

catchPrograms();

// Plans of random programs, carried out number by number on the host: no shader is involved.

const count = Number(process.env["COTANGENT_PLANS"] ?? 150);
const seed = Number(process.env["COTANGENT_SEED"] ?? 1);

/** What a device may bind in one kernel, and whether ops have kernels of their own on it: every other one has. */
function limitsFor(bindings: number): Limits {
  const target = softwareTarget(bindings);
  return { ...LIMITS, bindings, ...(bindings % 2 === 0 && { target }) };
}

const bindingCounts = fc.integer({ min: 4, max: 10 });

const looks = [
  { runs: 2, ulps: 1e-4 },
  { runs: 24, ulps: 1e-3 },
];

test(`plans of ${count} random graphs from seed ${seed} on compute what the graphs say`, async () => {
  await fc.assert(
    fc.asyncProperty(graphs, bindingCounts, async (graph, bindings) => {
      const backend = new PlanBackend(limitsFor(bindings), randomOf(seed));
      const wrong = await mismatch(backend, graph, looks);
      if (wrong) throw new Error(`${wrong}\n${opsIn(graph).join(" ")}`);
    }),
    { numRuns: count, seed },
  );
}, 1e9);

// Plans are verified when they are made, which takes a fiftieth of the time that it takes to carry them out.
test(`plans of ${8 * count} random graphs from seed ${seed} on are sound`, () => {
  fc.assert(
    fc.property(graphs, bindingCounts, (graph, bindings) => {
      const variables = graph.variables.map(({ shape }) => variable(zeros(SHAPES[shape])));
      const f = (...xs: Tensor[]) => build(graph, xs, variables);
      const xs = graph.inputs.map(({ shape }) => zeros(SHAPES[shape]));
      planOf(f, xs, limitsFor(bindings));
    }),
    { numRuns: 8 * count, seed },
  );
}, 1e9);

test("a value that is stored for one reader does not make another bind too many", () => {
  const f = (...xs: Tensor[]) => {
    const shared = add(xs[0], xs[1]);
    const sum = xs.slice(0, 7).reduce((a, b) => add(a, b.mul(2)), shared);
    return [sum, concat([shared, ...xs.slice(7)], 0)];
  };
  planOf(
    f,
    Array.from({ length: 13 }, () => tensor([1, 2])),
  );
});

test("zeros around a tensor without elements are read from nowhere", () => {
  const f = (x: Tensor) => {
    const none = x.mul(2);
    const framed = none.pad([
      [1, 1],
      [0, 0],
    ]);
    return [none, framed.add(1), matmul(framed, framed, { transposeB: true })];
  };
  planOf(f, [zeros([0, 3])]);
});

test("rows of short axes, none of them neighbours, are cut in blocks too", () => {
  planOf((x) => x.sum([0, 2]), [zeros([4, 4, 4])], { target: softwareTarget(8) });
});
