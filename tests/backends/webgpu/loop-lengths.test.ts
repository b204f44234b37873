import { expect, test } from "vitest";
import type { WebGpuBackend } from "../../../src/backends/webgpu/webgpu-backend.ts";
import { currentBackend } from "../../../src/graph/backend.ts";
import * as ct from "../../../src/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { numbers } from "../../graphs/numbers.ts";

await ct.init();

const { tuning } = (currentBackend() as WebGpuBackend).session;

/** The bounds of the loops in the shaders of f, and what it makes of x, on a driver that unrolls loops or does not. */
async function run(f: (x: Tensor) => Tensor, x: Tensor, unrolls: boolean) {
  Object.assign(tuning, { unrolls });
  const compiled = ct.compile(f);
  const texts = compiled.plan(x).dispatches.map(({ wgsl }) => wgsl);
  const bounds = texts.flatMap((wgsl) =>
    [...wgsl.matchAll(/for *\(var [^;]*; *\w+ *< *([^;]*);/g)].map(([, bound]) => bound),
  );
  const turns = texts.flatMap((wgsl) => /fn turns\([^{]*\{ *return ([^;]*);/.exec(wgsl)?.[1] ?? []);
  return { bounds: [...bounds, ...turns].join("; "), data: await compiled(x).data() };
}

test.each<[string, (x: Tensor) => Tensor]>([
  ["a fold of rows", (x) => x.sum(1)],
  ["several folds of rows", (x) => x.softmax(1)],
  ["a fold of columns", (x) => x.square().mean(0)],
  ["a scan", (x) => ct.cumSum(x, 1)],
  ["moments of long rows", (x) => ct.std(x.reshape([3, -1]), 1)],
  ["a product", (x) => x.matmul(x.transpose()).relu()],
])("the length of a loop is hidden from drivers that unroll: %s", async (_, f) => {
  const x = ct.tensor(numbers(36 * 48, 5), [36, 48]);
  const [hidden, known] = [await run(f, x, true), await run(f, x, false)];
  expect(hidden.bounds).toContain("none");
  expect(known.bounds).not.toContain("none");
  expect(known.data).toEqual(hidden.data);
});
