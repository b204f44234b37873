import { beforeAll, describe, expect, test } from "vitest";
import type { HostArray } from "../../src/base/dtype.ts";
import { evaluateReal, interpret } from "../../src/backends/cpu/interpret.ts";
import { ops } from "../../src/check/registry.ts";
import { evaluateRounded } from "../../src/check/rounded.ts";
import { currentBackend } from "../../src/graph/backend.ts";
import { constantOf } from "../../src/graph/build.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { init } from "../../src/index.ts";
import { randomOf } from "../graphs/agreement.ts";
import { host } from "../host.ts";
import { derive, label, leafOf } from "./derivatives.ts";
import { rows, seeds, type Row } from "./rows.ts";

// What the kernels of every op of the registry compute is what the reference computes. That its derivatives are right on
// the reference is tested in tests/semantics/derivative-laws.test.ts.

const sizeOfRow = ({ operands }: Row) =>
  operands.reduce((n, { shape }) => n + shape.reduce((m, d) => m * d, 1), 0);

const isHighest = ({ operands }: Row) => operands.some(({ shape }) => shape.length === 8);

describe("on the device", () => {
  beforeAll(async () => {
    await init();
  });

  // Tangents, batches and second derivatives are made of ops that have rows of their own: the smallest row of each op will
  // do. On one driver values and gradients are of all rows that `selfTest` does not know; on others they are of these too,
  // and second derivatives of none.
  const smallest = new Set(
    ops.flatMap(({ name }) => {
      const own = rows.filter((row) => row.op === name && sizeOfRow(row) > 1 && !isHighest(row));
      return own.toSorted((a, b) => sizeOfRow(a) - sizeOfRow(b)).slice(0, 1);
    }),
  );
  const taken = rows.filter((row) => smallest.has(row) || (host === "node" && !row.isCase));
  // Several ops to a program, for kernels that have to be compiled together are fewer.
  const perProgram = 12;
  const groups = Array.from({ length: Math.ceil(taken.length / perProgram) }, (_, i) =>
    taken.slice(i * perProgram, (i + 1) * perProgram),
  );

  test.each(
    groups.map((group) => [[...new Set(group.map((row) => row.op))].join(" "), group] as const),
  )(
    "%s: values, gradients, tangents, batches and second derivatives are the reference's",
    async (_, group) => {
      const backend = currentBackend()!;
      let first = 0;
      const derived = group.map((row) => {
        const isSmallest = smallest.has(row);
        const d = derive(row, seeds.get(row)!, first, isSmallest);
        first += d.inputs.length;
        const others = isSmallest
          ? [...d.batches, ...d.tangents, ...(host === "node" ? d.second : [])]
          : [];
        return { ...d, outputs: [d.y, ...d.gradients, ...others] };
      });
      const inputs = derived.flatMap((d) => d.inputs);
      const outputs = derived.flatMap((d) => d.outputs);
      const program = { name: "laws", inputs, outputs, effects: [], lasting: false };
      const values = new Map(derived.flatMap((d) => [...d.values]));
      const args = inputs.map((x) => constantOf(values.get(x)!, x));
      const storages = backend.prepare(program).run(args);
      const expected = interpret(outputs, leafOf(values), evaluateReal("float64"));
      const erring = Array.from({ length: 6 }, (__, i) =>
        interpret(outputs, leafOf(values), evaluateRounded(randomOf(i + 1), 4)),
      );
      for (const [i, x] of outputs.entries()) {
        const got = await backend.read(storages[i], x);
        storages[i].release();
        const owner = derived.find((d) => d.outputs.includes(x))!;
        const kinds = {
          value: [owner.y],
          gradient: owner.gradients,
          tangent: owner.tangents,
          batch: owner.batches,
        };
        const kind = Object.entries(kinds).find(([, list]) => list.includes(x));
        const what = kind?.[0] ?? "second derivative";
        expectClose(
          got,
          expected[i],
          erring.map((e) => e[i]),
          x,
          `${label(owner)}: ${what}`,
        );
      }
    },
    120_000,
  );
});

/** Integers are the same, floats as near as four times what erring runs of the reference are. */
function expectClose(
  got: HostArray,
  expected: HostArray,
  erring: readonly HostArray[],
  { dtype }: Tensor,
  what: string,
): void {
  expect(got.length, what).toBe(expected.length);
  const bad = expected.findIndex((y, i) => {
    if (dtype !== "float32" || !Number.isFinite(Math.fround(y)))
      return !Object.is(got[i], y) && got[i] !== Math.fround(y);
    const spread = Math.max(...erring.map((e) => Math.abs(e[i] - y)));
    return !(Math.abs(got[i] - y) <= 4 * spread + 2 ** -21 * Math.abs(y) + 1.2e-38);
  });
  if (bad < 0) return;
  const spread = Math.max(...erring.map((e) => Math.abs(e[bad] - expected[bad])));
  throw new Error(`${what}: element ${bad} is ${got[bad]}, not ${expected[bad]} ± ${4 * spread}`);
}
