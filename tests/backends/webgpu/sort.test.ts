import { expect, test } from "vitest";
import type { WebGpuBackend } from "../../../src/backends/webgpu/webgpu-backend.ts";
import { currentBackend } from "../../../src/graph/backend.ts";
import { argSort, compile, init, tensor, topK, type Tensor } from "../../../src/index.ts";
import { randomOf } from "../../graphs/agreement.ts";

/** Rows of small whole numbers, so that many are equal. */
function rowsOf(rows: number, n: number): number[][] {
  const random = randomOf(rows * n);
  return Array.from({ length: rows }, () =>
    Array.from({ length: n }, () => Math.floor(random() * n) - n / 2),
  );
}

const orderOf = (row: readonly number[], sign: number) =>
  row.map((_, i) => i).toSorted((i, j) => sign * (row[i] - row[j]) || i - j);

// Workgroups that sort in their memory are for GPUs: the drivers of the tests are told that they are ones.
test.each([
  [70, 5, 16_384],
  [2, 300, 16_384],
  [3, 330, 512],
])("%i rows of %i are sorted with %i bytes of workgroup memory", async (count, n, bytes) => {
  const device = await init();
  const { limits } = currentBackend() as WebGpuBackend;
  Object.assign(limits, { target: { ...limits.target, software: false, workgroupMemory: bytes } });
  const rows = rowsOf(count, n);
  const k = Math.ceil(n / 9);
  const f = compile((x: Tensor) => [argSort(x.transpose(), 0), ...topK(x, k)]);
  const [order, best, places] = f(tensor(rows));
  expect(
    f
      .plan(tensor(rows))
      .dispatches.map((d) => d.wgsl)
      .join(),
  ).toContain("var<workgroup>");
  const down = rows.map((row) => orderOf(row, -1));
  expect(await order.transpose().array()).toEqual(rows.map((row) => orderOf(row, 1)));
  expect(await places.array()).toEqual(down.map((order) => order.slice(0, k)));
  expect(await best.array()).toEqual(
    down.map((order, r) => order.slice(0, k).map((i) => rows[r][i])),
  );
  device.dispose();
});
