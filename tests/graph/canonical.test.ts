import { init, tensor, type Tensor } from "cotangent";
import { expect, test } from "vitest";

// On the reference: WGSL makes no difference between 0 and −0.
await init({ backend: "cpu" });

const values = async (x: Tensor) => Array.from(await x.data());

test("0 and −0 are two numbers, from one graph to the next and within one", async () => {
  const x = tensor([1, 2]);
  expect(await values(x.mul(0))).toEqual([0, 0]);
  expect(await values(x.mul(-0))).toEqual([-0, -0]);
  expect(await values(x.div(0).maximum(x.div(-0)))).toEqual([Infinity, Infinity]);
  expect(await values(x.div(0).minimum(x.div(-0)))).toEqual([-Infinity, -Infinity]);
});
