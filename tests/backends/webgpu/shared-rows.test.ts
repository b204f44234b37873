import { beforeAll, expect, test } from "vitest";
import type { WebGpuBackend } from "../../../src/backends/webgpu/webgpu-backend.ts";
import { currentBackend } from "../../../src/graph/backend.ts";
import * as ct from "../../../src/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { numbers } from "../../graphs/numbers.ts";

await ct.init();

// As a GPU has it: a workgroup takes one row or several, and some of its threads share each.
beforeAll(() => {
  const { tuning } = (currentBackend() as WebGpuBackend).session;
  Object.assign(tuning, {
    adapter: { ...tuning.adapter, software: false },
    threads: 4096,
    smallestWorkgroup: 32,
    singly: 0,
  });
});

/** The threads of the workgroups, and what a shader shares among them. */
const sharedBy = (wgsl: string) => ({
  size: Number(/@workgroup_size\((\d+)\)/.exec(wgsl)![1]),
  sharers: wgsl.includes("var<workgroup>") ? 2 * Number(/var half = (\d+)u/.exec(wgsl)![1]) : 1,
});

const alongRows = (x: Tensor) => x.sum(1);
const acrossRows = (x: Tensor) => x.sum(0);
const softmax = (x: Tensor) => x.softmax(-1);
const places = (x: Tensor) => x.argMax(0);

test.each<[string, (x: Tensor) => Tensor, number[], ReturnType<typeof sharedBy>]>([
  ["columns of many rows", acrossRows, [128, 256], { size: 256, sharers: 16 }],
  ["columns, rows in a prime number", acrossRows, [300, 7], { size: 256, sharers: 256 }],
  ["columns, of which two fit a workgroup", acrossRows, [129, 6], { size: 256, sharers: 128 }],
  ["rows in vectors", alongRows, [256, 128], { size: 256, sharers: 16 }],
  ["rows without vectors", alongRows, [12, 129], { size: 256, sharers: 64 }],
  ["a single row", alongRows, [1, 4096], { size: 256, sharers: 256 }],
  ["many rows, side by side", alongRows, [5000, 256], { size: 256, sharers: 32 }],
  ["many columns", acrossRows, [9, 5000], { size: 64, sharers: 1 }],
  ["a few of few", acrossRows, [7, 3], { size: 32, sharers: 1 }],
  ["a softmax of several rows", softmax, [24, 128], { size: 256, sharers: 32 }],
  ["places across rows", places, [64, 40], { size: 256, sharers: 32 }],
])("%s", async (_, f, shape, wanted) => {
  const x = ct.tensor(numbers(shape[0] * shape[1], 1), shape);
  const compiled = ct.compile(f);
  const { dispatches } = compiled.plan(x);
  expect(dispatches).toHaveLength(1);
  expect(sharedBy(dispatches[0].wgsl)).toEqual(wanted);
  const validation = await compiled.validate(x);
  expect(validation.worst!.ulps, String(validation)).toBeLessThan(64);
});

test("many folds in one dispatch share what memory there is", async () => {
  const f = ct.compile((x: Tensor) =>
    Array.from({ length: 24 }, (_, i) => x.add(i).mul(x.sub(i)).max(0)),
  );
  const x = ct.tensor(numbers(64 * 96, 1), [64, 96]);
  const { dispatches } = f.plan(x);
  for (const { wgsl } of dispatches) {
    const bytes = 4 * wgsl.split("var<workgroup>").slice(1).length * sharedBy(wgsl).size;
    expect(bytes).toBeLessThanOrEqual(16_384);
  }
  const validation = await f.validate(x);
  expect(validation.worst!.ulps, String(validation)).toBeLessThan(4);
});
