import { arange, compile, init, type Device } from "cotangent";
import { afterAll, beforeAll, expect, test } from "vitest";

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
