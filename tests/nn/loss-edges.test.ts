import { compile, gradients, init, nn, tensor, type Tensor } from "cotangent";
import { beforeEach, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

describe.each(backends)("losses at the edges on %s", (backend) => {
  beforeEach(async () => {
    await init({ backend });
  });

  test.each<[string, (x: Tensor) => Tensor, number[], number[]]>([
    [
      "bceWithLogits, 1",
      (x) => nn.bceWithLogits(x, tensor([1, 1]), { reduction: "none" }),
      [1e4, 0],
      [-1, 0],
    ],
    [
      "bceWithLogits, 0",
      (x) => nn.bceWithLogits(x, tensor([0, 0]), { reduction: "none" }),
      [0, 1e4],
      [0, 1],
    ],
    [
      "logisticLoss",
      (x) => nn.logisticLoss(x, tensor([1, 1]), { reduction: "none" }),
      [1e4, 0],
      [-1, 0],
    ],
    ["hinge", (x) => nn.hinge(x, tensor([1, 1]), { reduction: "none" }), [10001, 0], [-1, 0]],
    ["huber", (x) => nn.huber(x, tensor([0, 0]), { reduction: "none" }), [9999.5, 9999.5], [-1, 1]],
    ["mae", (x) => nn.mae(x, tensor([0, 0]), { reduction: "none" }), [1e4, 1e4], [-1, 1]],
    ["mse", (x) => nn.mse(x, tensor([0, 0]), { reduction: "none" }), [1e8, 1e8], [-2e4, 2e4]],
  ])("%s at ±1e4, with its slope", async (_, loss, values, slopes) => {
    const x = tensor([-1e4, 1e4]);
    const y = loss(x);
    expect(Array.from(await y.data())).toEqual(values);
    const [dx] = gradients(y.sum(), [x]);
    expect(Array.from(await dx.data(), (v) => v + 0)).toEqual(slopes);
  });

  test("softmaxCrossEntropy at ±1e4, with its slope", async () => {
    const z = tensor([
      [1e4, -1e4, 0],
      [1e4, -1e4, 0],
    ]);
    const y = nn.softmaxCrossEntropy(z, tensor([0, 1], { dtype: "int32" }), { reduction: "none" });
    expect(await y.array()).toEqual([0, 2e4]);
    const [dz] = gradients(y.sum(), [z]);
    expect(await dz.array()).toEqual([
      [0, 0, 0],
      [1, -1, 0],
    ]);
  });

  test("a label that only the device knows to be outside counts as the nearest class, weights and all", async () => {
    const z = tensor([
      [1, 2, 4],
      [3, 5, 4],
    ]);
    const classWeights = tensor([2, 3, 5]);
    const loss = (labels: Tensor) =>
      nn.softmaxCrossEntropy(z, labels, { classWeights, reduction: "mean" });
    const outside = loss(tensor([-1, 2], { dtype: "int32" }).mul(2));
    expect(await outside.item()).toBe(await loss(tensor([0, 2], { dtype: "int32" })).item());
  });

  test("ignored labels count for nothing, in the mean neither", async () => {
    const z = tensor([
      [1, 2],
      [3, 4],
      [5, 7],
    ]);
    const all = await nn
      .softmaxCrossEntropy(z, tensor([0, 1, 0], { dtype: "int32" }), { reduction: "none" })
      .data();
    const some = tensor([0, -100, 0], { dtype: "int32" });
    const loss = nn.softmaxCrossEntropy(z, some, { ignoreLabel: -100 });
    expect(await loss.item()).toBeCloseTo((all[0] + all[2]) / 2, 6);
    const [dz] = gradients(loss, [z]);
    expect((await dz.slice([1], [2]).abs().data()).join()).toBe("0,0");
  });
});

test.each<[string, () => unknown, string]>([
  [
    "predictions and targets of different shapes",
    () => nn.mse(tensor([[1], [2]]), tensor([1, 2])),
    "mse: predictions [2, 1] and targets [2] differ in shape",
  ],
  [
    "labels that are floats",
    () => nn.softmaxCrossEntropy(tensor([[1, 2]]), tensor([1])),
    'labels.cast("int32")',
  ],
  [
    "labels of the wrong shape",
    () => nn.softmaxCrossEntropy(tensor([[1, 2]]), tensor([1, 0], { dtype: "int32" })),
    "logits [1, 2] take class indices [1] or probabilities [1, 2], got int32 targets [2]",
  ],
  [
    "a label outside of the classes",
    () => nn.softmaxCrossEntropy(tensor([[1, 2]]), tensor([2], { dtype: "int32" })),
    "label 2 is outside of the 2 classes, 0 to 1",
  ],
  [
    "a negative label",
    () => nn.softmaxCrossEntropy(tensor([[1, 2]]), tensor([-1], { dtype: "int32" })),
    "label -1 is outside",
  ],
  [
    "smoothing above 1",
    () =>
      nn.softmaxCrossEntropy(tensor([[1, 2]]), tensor([1], { dtype: "int32" }), {
        labelSmoothing: 2,
      }),
    "between 0 and 1, got 2",
  ],
  [
    "class weights of the wrong shape",
    () =>
      nn.softmaxCrossEntropy(tensor([[1, 2]]), tensor([1], { dtype: "int32" }), {
        classWeights: tensor([1]),
      }),
    "classWeights [1] for 2 classes",
  ],
  [
    "logits that are integers",
    () =>
      nn.softmaxCrossEntropy(tensor([[1, 2]], { dtype: "int32" }), tensor([1], { dtype: "int32" })),
    "logits are float32, got int32",
  ],
  [
    "a scalar of logits",
    () => nn.softmaxCrossEntropy(tensor(1), tensor(1, { dtype: "int32" })),
    "have no classes",
  ],
  [
    "an unknown reduction",
    () => nn.mse(tensor([1]), tensor([1]), { reduction: "all" as never }),
    "got all",
  ],
  ["a probability of 1", () => nn.dropout(1), "dropout: p is a probability below 1, got 1"],
  [
    "a delta of 0",
    () => nn.huber(tensor([1]), tensor([1]), { delta: 0 }),
    "huber: delta is a positive number, got 0",
  ],
  ["half a unit", () => nn.linear(2.5, 1), "linear: [2.5, 1] has a length of 2.5"],
])("%s: an error that says so", (_, make, message) => {
  expect(make).toThrow(message);
});

test("a label outside of the classes in a typed array is found when a compiled function is called", async () => {
  await init({ backend: "cpu" });
  const f = compile((z: Tensor, y: Tensor) => nn.softmaxCrossEntropy(z, y), {
    inputs: [[-1, 3], [-1]],
  });
  expect(await f(new Float32Array(6), new Uint8Array([0, 2])).item()).toBeCloseTo(Math.log(3), 6);
  expect(() => f(new Float32Array(6), new Uint8Array([0, 3]))).toThrow("label 3 is outside");
});

test.each(backends)(
  "a label that only the device knows counts as the nearest class: %s",
  async (backend) => {
    await init({ backend });
    const z = tensor([
      [1, 2, 4],
      [1, 2, 4],
    ]);
    const labels = tensor([-7, 9], { dtype: "int32" }).add(0);
    const near = tensor([0, 2], { dtype: "int32" });
    const loss = (y: Tensor) => nn.softmaxCrossEntropy(z, y, { reduction: "none" }).array();
    expect(await loss(labels)).toEqual(await loss(near));
  },
);
