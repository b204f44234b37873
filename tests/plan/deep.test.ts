import { expect, test } from "vitest";
import { CpuBackend } from "../../src/backends/cpu/cpu-backend.ts";
import { currentBackend, setCurrentBackend, type Backend } from "../../src/graph/backend.ts";
import * as ct from "../../src/index.ts";
import type { Tensor } from "../../src/index.ts";
import { LONGEST } from "../../src/plan/materialize.ts";
import { isCall } from "../../src/plan/nest.ts";
import { randomOf } from "../graphs/agreement.ts";
import { PlanBackend } from "./plan-backend.ts";
import { catchPrograms, LIMITS, planOf, softwareTarget } from "./plan-of.ts";

catchPrograms();

// Long chains of one op after the other: nothing calls itself as often as a graph is deep, no kernel grows with it, and
// what is planned is right.

const matrix = () =>
  ct.tensor([
    [0.1, -0.2, 0.3],
    [0.4, 0.5, -0.6],
    [-0.7, 0.8, 0.9],
  ]);

/** A chain: how many links it has, and one of them, of which several in a row are not simplified. */
type Chain = [name: string, depth: number, link: (x: Tensor, i: number) => Tensor];

const chains: Chain[] = [
  ["transpose", 3000, (x) => x.transpose()],
  ["flip", 3000, (x) => ct.flip(x, [0])],
  ["reshape", 3000, (x, i) => x.reshape(i % 2 === 0 ? [9] : [3, 3])],
  ["transpose and add", 3000, (x, i) => (i % 2 === 0 ? x.transpose() : x.add(0.1))],
  // Each element is reached in twice as many ways with each.
  ["rotation", 300, (x) => ct.concat([ct.slice(x, [1, 0]), ct.slice(x, [0, 0], [1, 3])], 0)],
];

function on<T>(backend: Backend, f: () => T): T {
  const outer = currentBackend();
  setCurrentBackend(backend);
  try {
    return f();
  } finally {
    setCurrentBackend(outer);
  }
}

test.each(chains)("%s, %i times", async (_, depth, link) => {
  const chain = (x: Tensor) => {
    let y = x;
    for (let i = 0; i < depth; i++) y = link(y, i);
    const sum = y.mul(matrix()).sum();
    return [sum, ct.gradients(sum, [x])[0]];
  };
  const run = (backend: Backend) => on(backend, () => ct.compile(chain)(matrix()));
  const limits = { ...LIMITS, target: softwareTarget(LIMITS.bindings) };
  const found = run(new PlanBackend(limits, randomOf(1)));
  const expected = run(new CpuBackend("float64"));
  for (const [i, y] of expected.entries()) {
    expect(await found[i].data()).toEqual(await y.data());
  }
});

test("kernels of running values alone end too", () => {
  const sums = (x: Tensor) => {
    let y = x;
    for (let i = 0; i < 2 * LONGEST; i++) y = ct.cumSum(y, 0);
    return y;
  };
  const { steps } = planOf(sums, [matrix()]);
  const lengths = steps.flat().map((part) => (isCall(part) ? 0 : part.values.length));
  expect(Math.max(...lengths)).toBeLessThanOrEqual(LONGEST);
});
