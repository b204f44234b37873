import { expect, test } from "vitest";
import { arange, compile, gather, init, tensor, variable } from "../../../src/index.ts";

test("rows whose numbers are computed are read as vectors", async () => {
  const device = await init();
  const rows = Array.from({ length: 64 }, (_, i) => (7 * i) % 31);
  const x = variable(arange(32 * 8).reshape([32, 8]));
  const r = variable(tensor(rows, { dtype: "int32" }));
  const f = compile(() => gather(x, r.add(1)).mul(2));
  expect(await f().array()).toEqual(
    rows.map((row) => Array.from({ length: 8 }, (_, j) => 2 * (8 * (row + 1) + j))),
  );
  expect(f.plan().dispatches[0].wgsl).toContain("x0: array<vec4<f32>");
  device.dispose();
});
