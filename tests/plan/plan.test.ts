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

/** Makes the plan of a function; plans are verified when they are made. */
function plan(f: (...xs: Tensor[]) => unknown, xs: Tensor[], limits = LIMITS): void {
  const outer = currentBackend();
  setCurrentBackend(new PlanBackend(limits, randomOf(seed)));
  compile(f).plan(...xs);
  setCurrentBackend(outer);
}

test("a value that is stored for one reader does not make another bind too many", () => {
  const f = (...xs: Tensor[]) => {
    const shared = add(xs[0], xs[1]);
    const sum = xs.slice(0, 7).reduce((a, b) => add(a, b.mul(2)), shared);
    return [sum, concat([shared, ...xs.slice(7)], 0)];
  };
  plan(
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
  plan(f, [zeros([0, 3])]);
});

test("rows of short axes, none of them neighbours, are cut in blocks too", () => {
  plan((x) => x.sum([0, 2]), [zeros([4, 4, 4])], { ...LIMITS, target: softwareTarget(8) });
});
