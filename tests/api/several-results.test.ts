import {
  argSort,
  customGradient,
  grad,
  init,
  nn,
  ones,
  scatterAdd,
  scatterAddAlongAxis,
  sort,
  stopGradient,
  tensor,
  topK,
  validate,
  type Tensor,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

describe.each(backends)("several results on %s", (backend) => {
  test("the largest, everything in order, and a gradient that goes straight through", async () => {
    await init({ backend });
    const x = tensor([
      [0.5, -3, 2, 0, 7, 2],
      [1, 1, NaN, 4, -1, 0],
    ]);
    const [values, indices] = topK(x, 5, { axis: -1, largest: true });
    expect(await values.array()).toEqual([
      [7, 2, 2, 0.5, 0],
      [4, 1, 1, 0, -1],
    ]);
    expect(await indices.array()).toEqual([
      [4, 2, 5, 0, 3],
      [3, 0, 1, 5, 4],
    ]);
    expect(await sort(x, -1, { descending: false }).array()).toEqual([
      [-3, 0, 0.5, 2, 2, 7],
      [-1, 0, 1, 1, 4, NaN],
    ]);
    expect(await argSort(x, -1).array()).toEqual([
      [1, 3, 0, 2, 5, 4],
      [4, 5, 0, 1, 3, 2],
    ]);
    const clipped = customGradient((x: Tensor) => ({
      value: x.clip(-1, 1),
      gradient: (g: Tensor) => [g],
    }));
    const loss = (x: Tensor) => clipped(x).mul(stopGradient(x)).sum();
    expect(await grad(loss)(tensor([-3, 0.5, 2])).array()).toEqual([-3, 0.5, 2]);
  });

  test("what is looked up by indices, and what is added at them", async () => {
    await init({ backend });
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const indices = tensor([1, 1, 0], { dtype: "int32" });
    expect(await scatterAdd(x, indices, ones([3, 2]), 0).array()).toEqual([
      [2, 3],
      [5, 6],
    ]);
    const places = tensor(
      [
        [0, 0],
        [1, 0],
      ],
      { dtype: "int32" },
    );
    expect(await scatterAddAlongAxis(x, places, x, 1).array()).toEqual([
      [4, 2],
      [7, 7],
    ]);
    const words = nn.embedding(50_000, 64, { paddingIndex: 0 });
    const y = words.forward(indices);
    expect(y.shape).toEqual([3, 64]);
    expect(new Set((await y.data()).slice(128))).toEqual(new Set([0]));
  });

  test("what runs on the device is compared with the reference, result by result", async () => {
    await init({ backend });
    const report = await validate((x: Tensor) => topK(x, 2), tensor([3, 1, 2]));
    expect(report.ops.map(({ op }) => op)).toEqual(["topK", "topK"]);
    expect(report.worst?.ulps).toBe(0);
  });
});
