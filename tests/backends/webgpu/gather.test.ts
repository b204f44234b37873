import { expect, test } from "vitest";
import {
  arange,
  compile,
  gather,
  init,
  iota,
  nn,
  sum,
  takeAlongAxis,
  tensor,
  valueAndGrad,
  variable,
  type Tensor,
} from "../../../src/index.ts";

test("rows whose numbers are computed are read as vectors", async () => {
  const device = await init();
  const rows = Array.from({ length: 64 }, (_, i) => (7 * i) % 31);
  // Enough elements to be taken in vectors on all devices.
  const width = 2048;
  const x = variable(arange(32 * width).reshape([32, width]));
  const r = variable(tensor(rows, { dtype: "int32" }));
  const f = compile(() => gather(x, r.add(1)).mul(2));
  expect(await f().array()).toEqual(
    rows.map((row) => Array.from({ length: width }, (_, j) => 2 * (width * (row + 1) + j))),
  );
  expect(f.plan().dispatches[0].wgsl).toContain("x0: array<vec4<f32>");
  device.dispose();
});

test("places that are computed in a loop over vectors belong to that loop", async () => {
  const device = await init();
  const x = tensor(
    Float32Array.from({ length: 24 }, (_, i) => i),
    [3, 8],
  );
  const f = compile(() => sum(takeAlongAxis(x, iota([3, 8]).mul(3).add(1).remainder(3), 0), 1));
  expect(await f().array()).toEqual([92, 92, 92]);
  device.dispose();
});

test("a label beyond what an int32 holds is the last class, in the loss and in its gradient", async () => {
  const device = await init();
  const labels = compile((x: Tensor) => x.add(x))(Uint32Array.of(0, 2 ** 30, 2 ** 31 - 1));
  const logits = tensor([
    [1, 2, 4],
    [1, 2, 4],
    [1, 2, 4],
  ]);
  const step = compile((z: Tensor, y: Tensor) => valueAndGrad(nn.softmaxCrossEntropy)(z, y));
  const last = Int32Array.of(0, 2, 2);
  const [got, expected] = [step(logits, labels), step(logits, tensor(last))];
  for (const i of [0, 1]) expect(await got[i].data()).toEqual(await expected[i].data());
  device.dispose();
});

test("sums over what is gathered from a tensor without elements are 0", async () => {
  const device = await init();
  const f = compile((x: Tensor) => {
    const none = gather(x, iota([0]).mul(2).remainder(4));
    const places = [iota([0]).mul(3), iota([0]).cast("uint32").add(1)];
    return places.map((at) => sum(gather(none, at)));
  });
  const sums = f(tensor([1, 2, 3, 4]));
  expect(await Promise.all(sums.map((y) => y.item()))).toEqual([0, 0]);
  device.dispose();
});
