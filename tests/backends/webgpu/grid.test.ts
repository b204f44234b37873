import {
  arange,
  compile,
  conv1d,
  grad,
  init,
  ones,
  tensor,
  zeros,
  type Device,
  type Tensor,
} from "cotangent";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let device: Device;
beforeAll(async () => {
  device = await init({ backend: "webgpu" });
});
afterAll(() => device.dispose());

test.each([
  ["a row too few for the last workgroup", 1000 * 256 - 1],
  ["rows for all workgroups", 1000 * 256],
  // Which lie in two rows of 65,535 each: nearly one is too many.
  ["rows for one workgroup more than lie in a row", 65_536 * 256],
])("%s: each has its own minimum", async (_, rows) => {
  const minima = compile(() => arange(rows).reshape([rows, 1]).add(arange(4)).min(1))();
  for (const r of [0, rows - 2]) {
    expect(await minima.slice([r], [r + 2]).data()).toEqual(Float32Array.of(r, r + 1));
  }
});

describe("windows with more elements than can be counted", () => {
  // 2 · 46,401 · 46,400 are more than 2³².
  const [size, count] = [46_400, 46_401];
  const length = size + count - 1;
  const convolved = (x: Tensor, w: Tensor) => conv1d(x, w);

  test("are taken in parts of the batch", async () => {
    const x = Float32Array.from({ length: 2 * length }, (_, i) => ((i * 7919) % 13) - 6);
    const sums = [0, length].flatMap((start) => {
      let s = x.subarray(start, start + size).reduce((a, b) => a + b);
      return Array.from({ length: count }, (_, i) => {
        const here = s;
        s += x[start + i + size] - x[start + i];
        return here;
      });
    });
    const y = await convolved(tensor(x, [2, 1, length]), ones([1, 1, size])).data();
    // Whole numbers, all partial sums too.
    expect(y.findIndex((v, i) => v !== sums[i])).toBe(-1);
  });

  test("so are those of the gradients", () => {
    const both = compile((x: Tensor, w: Tensor) =>
      grad((x: Tensor, w: Tensor) => convolved(x, w).sum(), { argnums: [0, 1] })(x, w),
    );
    expect(both.explain(zeros([8, 1, 60_000]), zeros([1, 1, 20_000]))).toMatch(/matmul/);
  });
});
