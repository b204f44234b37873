import { init } from "cotangent";
import { ops, selfTest } from "cotangent/check";
import { expect, test } from "vitest";
import { backends } from "../backends.ts";

test("the registry names every op, its kind and how it is differentiated", () => {
  expect(ops.length).toBeGreaterThan(100);
  for (const op of ops) expect(Object.keys(op)).toEqual(expect.arrayContaining(["name", "kind"]));
  const names = ops.map((op) => op.name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(expect.arrayContaining(["matmul", "tanh", "softmax", "gather", "sum"]));
});

// All ops take minutes on a software adapter; the page for it runs them all.
test.each(backends)(
  "selfTest on %s",
  async (backend) => {
    await init({ backend });
    const only = ["add", "tanh", "matmul", "sum", "transpose"];
    const seen: number[] = [];
    const report = await selfTest({ only, onProgress: (done) => seen.push(done) });
    expect(new Set(report.map((r) => r.op))).toEqual(new Set(only));
    for (const { op, kernel, shapes, ulps, relative, ok } of report) {
      expect(ok, `${op}: ${ulps} ulps`).toBe(true);
      expect([typeof kernel, typeof relative, Array.isArray(shapes)]).toEqual([
        "string",
        "number",
        true,
      ]);
    }
    expect(seen).toHaveLength(report.length);
  },
  180_000,
);
