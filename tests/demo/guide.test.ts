import { readdir } from "node:fs/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { shown } from "../../demo/site/program/shown.ts";
import { backends } from "../backends.ts";

/** What each program of the guide writes; a number in it may be off by rounding. */
const written: Record<string, readonly (string | RegExp)[]> = {
  tensors: [
    "[[8, 11], [16, 23]]",
    "Float32Array [24, 34]",
    "14.5",
    "[[11, 22], [13, 24]]",
    "bool int32",
    /ShapeError: matmul: inner dimensions differ: \[2, 2\] × \[3, 1\] has 2 ≠ 3/,
  ],
  gradients: ["[9, 18, 18]", "[[10, 2, 2], [2, 13, 4], [2, 4, 13]]", "27 9", "[0.82, 1.64]"],
  training: [
    /^0\.\d+$/,
    /^Float32Array\(300\) \[0\.\d+, 0\.\d+, …, 0\.00\d+, 0\.00\d+\]$/,
    "[0, 1, 1, 0]",
  ],
  module: ["norm.weight norm.bias up.weight up.bias down.weight down.bias", "568", "[5, 1]"],
  saving: [/^\d{3,} bytes$/, /^(0\.\d+) \1$/],
  compile: ["1", "3", /^TraceError: /, "[1, 2]", "2 false"],
  custom: ["[0, 2]", "[0, 4]", "[0.3, 1.6]", "[1, 2]"],
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(backends)("the guide on %s", (backend) => {
  test.each(Object.keys(written))("%s", async (name) => {
    // Each program is a program of its own, as in its worker.
    vi.resetModules();
    const { init } = await import("cotangent");
    await init({ backend });
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((...values) => {
      lines.push(values.map(shown).join(" "));
    });
    await import(`../../demo/guide/programs/${name}.ts`);
    expect(lines).toHaveLength(written[name].length);
    lines.forEach((line, i) => {
      const wanted = written[name][i];
      expect(line).toEqual(typeof wanted === "string" ? wanted : expect.stringMatching(wanted));
    });
  });
});

test("there is no other program", async () => {
  const files = await readdir("demo/guide/programs");
  expect(files.sort()).toEqual(
    Object.keys(written)
      .map((name) => `${name}.ts`)
      .sort(),
  );
});
