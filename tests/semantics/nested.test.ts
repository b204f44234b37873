import { compile, init, tensor, type Tensor } from "cotangent";
import { beforeAll, expect, test } from "vitest";
import {
  all,
  AT,
  confusing,
  functions,
  names,
  nestings,
  pairs,
  third,
  way,
} from "../ops/nestings.ts";

// Every transformation of every other, on the reference; on devices they are tested in tests/ops/nested.test.ts.

const numberOf = async (y: Tensor) => (await y.data({ dtype: "float64" }))[0];

beforeAll(async () => {
  await init({ backend: "cpu" });
});

test.each(Object.entries(functions))("three deep: %s", async (_, f) => {
  const found = compile((t: Tensor) => nestings(f, all).map((g) => g(t)))(tensor(AT));
  const expected = third(f);
  for (const [i, y] of found.entries()) {
    const error = Math.abs((await numberOf(y)) - expected) / (1 + Math.abs(expected));
    expect(error, all[i].map((k) => names[k % names.length]).join(" of ")).toBeLessThan(1e-11);
  }
});

test.each(confusing)("%s has the derivative %d", async (_, expected, at) => {
  const found = compile((x: Tensor) => pairs.map(([i, j]) => way(i)(at(way(j)))(x)))(tensor(3));
  for (const [i, y] of found.entries()) {
    expect(await y.item(), pairs[i].map((k) => names[k]).join(" of ")).toBe(expected);
  }
});
