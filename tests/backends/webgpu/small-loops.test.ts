import { expect, test } from "vitest";
import type { WebGpuBackend } from "../../../src/backends/webgpu/webgpu-backend.ts";
import { currentBackend } from "../../../src/graph/backend.ts";
import * as ct from "../../../src/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { numbers } from "../../graphs/numbers.ts";

await ct.init();

const { tuning } = (currentBackend() as WebGpuBackend).session;

/** What f makes of x, and whether its kernels have vectors, where loops of up to so many elements have none. */
async function run(f: (x: Tensor) => Tensor, x: Tensor, singly: number) {
  Object.assign(tuning, { singly });
  const compiled = ct.compile(f);
  const inVectors = compiled.plan(x).dispatches.some(({ wgsl }) => wgsl.includes("vec4"));
  return { inVectors, data: [...(await compiled(x).data())] };
}

test.each<[string, number, (x: Tensor) => Tensor]>([
  ["elements", 1, (x) => x.exp().mul(x)],
  ["rows", 4, (x) => x.softmax(-1)],
  ["columns", 4, (x) => x.sum(0)],
  ["columns and elements", 4, (x) => x.sub(x.max(0)).exp()],
  ["rows of several threads", 4, (x) => x.reshape([3, -1]).square().mean(-1)],
])("a small loop over %s takes one at a time, a larger one four", async (_, least, f) => {
  const shape = [72, 48];
  const x = ct.tensor(numbers(72 * 48, 5), shape);
  const small = await run(f, x, least * x.size);
  const large = await run(f, x, least * x.size - 1);
  expect(small.inVectors).toBe(false);
  expect(large.inVectors).toBe(true);
  // Folds add four neighbours at a time, or one.
  small.data.forEach((value, i) =>
    expect(Math.abs(value - large.data[i])).toBeLessThan(5e-6 * Math.max(1, Math.abs(value))),
  );
});
