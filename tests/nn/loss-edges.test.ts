import {
  compile,
  grad,
  gradients,
  hvp,
  init,
  nn,
  ones,
  tensor,
  zeros,
  type Tensor,
} from "cotangent";
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

  test.each<[string, (x: Tensor, t: Tensor) => Tensor, number]>([
    ["huber", (x, t) => nn.huber(x, t, { delta: 2, reduction: "none" }), 2],
    ["mae", (x, t) => nn.mae(x, t, { reduction: "none" }), 1],
  ])("%s at ±∞ is infinite, with its slope", async (_, loss, slope) => {
    const x = tensor([-Infinity, Infinity, 3, 3]);
    const t = tensor([0, 0, Infinity, -Infinity]);
    const y = loss(x, t);
    expect(Array.from(await y.data())).toEqual([Infinity, Infinity, Infinity, Infinity]);
    const [dx] = gradients(y.sum(), [x]);
    expect(Array.from(await dx.data())).toEqual([-slope, slope, -slope, slope]);
  });

  test("huber is a square up to an infinite delta, and has its curvature", async () => {
    const x = tensor([-3, 0.5, 4]);
    const loss = (delta: number) => nn.huber(x, tensor([0, 0, 0]), { delta, reduction: "sum" });
    const curvature = (delta: number) => gradients(gradients(loss(delta), [x])[0].sum(), [x])[0];
    expect(await loss(Infinity).item()).toBe(12.625);
    expect(Array.from(await curvature(Infinity).data())).toEqual([1, 1, 1]);
    expect(Array.from(await curvature(1).data(), (v) => v + 0)).toEqual([0, 1, 0]);
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

  test("a class that cannot be costs nothing where it is not wanted, weights and all", async () => {
    const z = tensor([[1, -Infinity, 2]]);
    const [wanted, other] = [tensor([0], { dtype: "int32" }), tensor([1], { dtype: "int32" })];
    const loss = (labels: Tensor, weights: number[], labelSmoothing = 0) =>
      nn.softmaxCrossEntropy(z, labels, {
        classWeights: tensor(weights),
        reduction: "sum",
        labelSmoothing,
      });
    expect(await loss(wanted, [1, 1, 1]).item()).toBeCloseTo(1.3133, 4);
    expect(await loss(wanted, [3, 0, 1]).item()).toBeCloseTo(3 * 1.31326, 4);
    expect(await loss(other, [1, 1, 1]).item()).toBe(Infinity);
    // 0 · ∞, and smoothed each class is wanted a little.
    expect(await loss(other, [1, 0, 1]).item()).toBeNaN();
    expect(await loss(wanted, [1, 1, 1], 0.1).item()).toBe(Infinity);
    const mean = nn.softmaxCrossEntropy(z, wanted, { classWeights: tensor([3, 1, 1]) });
    expect(await mean.item()).toBeCloseTo(1.3133, 4);
    const [dz] = gradients(mean, [z]);
    const slopes = [Math.exp(-1.31326) - 1, 0, 1 - Math.exp(-1.31326)];
    (await dz.data()).forEach((v, i) => expect(v).toBeCloseTo(slopes[i], 5));
  });

  test("a mean of ignored labels alone is NaN", async () => {
    const labels = tensor([-1, -1], { dtype: "int32" });
    const z = tensor([
      [1, 2],
      [3, 4],
    ]);
    for (const classWeights of [undefined, tensor([1, 2])]) {
      const loss = nn.softmaxCrossEntropy(z, labels, { ignoreLabel: -1, classWeights });
      expect(await loss.item()).toBeNaN();
    }
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

  test.each([NaN, Infinity, -Infinity])(
    "logits of ignored labels may be %d: their gradient is 0",
    async (bad) => {
      const rows = [
        [1, 2, 4],
        [bad, 0, bad],
        [3, 1, 1],
      ];
      const labels = (...list: number[]) => tensor(list, { dtype: "int32" });
      for (const options of [
        {},
        { reduction: "sum" as const },
        { labelSmoothing: 0.1 },
        { labelSmoothing: 0.1, classWeights: tensor([1, 2, 3]) },
      ]) {
        const z = tensor(rows);
        const all = { ignoreLabel: -100, ...options };
        const loss = (z: Tensor) => nn.softmaxCrossEntropy(z, labels(0, -100, 2), all);
        const kept = (z: Tensor) => nn.softmaxCrossEntropy(z, labels(0, 2), options);
        const others = tensor([rows[0], rows[2]]);
        expect(await loss(z).item()).toBeCloseTo(await kept(others).item(), 5);
        const [dz, second] = [grad(loss)(z), hvp(loss, z, ones([3, 3]))];
        const found = await dz.data();
        const wanted = await grad(kept)(others).data();
        expect([...found.subarray(3, 6)].map(Math.abs)).toEqual([0, 0, 0]);
        [...found.subarray(0, 3), ...found.subarray(6)].forEach((v, i) => {
          expect(v).toBeCloseTo(wanted[i], 5);
        });
        expect((await second.data()).every((v) => Math.abs(v) < 1e-5)).toBe(true);
      }
    },
  );
});

test.each<[string, () => unknown, string]>([
  [
    "predictions and targets of different shapes",
    () => nn.mse(tensor([[1], [2]]), tensor([1, 2])),
    "mse: predictions [2, 1] and targets [2] differ in shape",
  ],
  [
    "an ignored label among probabilities",
    () => nn.softmaxCrossEntropy(tensor([[1, 2]]), tensor([[1, 0]]), { ignoreLabel: 1 }),
    "softmaxCrossEntropy: indices are int32 or uint32, got float32",
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
    "a label that is neither a class nor ignored",
    () =>
      nn.softmaxCrossEntropy(ones([3, 3]), tensor([0, 7, -100], { dtype: "int32" }), {
        ignoreLabel: -100,
      }),
    "softmaxCrossEntropy: label 7 is outside of the 3 classes, 0 to 2",
  ],
  [
    "the same with class weights and smoothing",
    () =>
      nn.softmaxCrossEntropy(ones([2, 3]), tensor([-1, 1], { dtype: "int32" }), {
        ignoreLabel: 1,
        classWeights: ones([3]),
        labelSmoothing: 0.1,
      }),
    "label -1 is outside",
  ],
  [
    "a label outside of the classes, with class weights",
    () =>
      nn.softmaxCrossEntropy(ones([1, 3]), tensor([3], { dtype: "uint32" }), {
        classWeights: ones([3]),
      }),
    "label 3 is outside",
  ],
  [
    "a label outside of the classes, of which an accuracy is asked",
    () => nn.accuracy(ones([2, 3]), tensor([0, 3], { dtype: "int32" })),
    "accuracy: label 3 is outside of the 3 classes, 0 to 2",
  ],
  [
    "an accuracy without classes",
    () => nn.accuracy(ones([2, 0]), tensor([0, 0], { dtype: "int32" })),
    "accuracy: logits [2, 0] have no classes",
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
  [
    "a weight that is no broadcast to the logits",
    () => nn.bceWithLogits(zeros([4, 1]), zeros([4, 1]), { positiveWeight: tensor([1, 2, 3]) }),
    "bceWithLogits: with positiveWeight, losses are [4, 3] and logits [4, 1]",
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
  const options = { ignoreLabel: 255, classWeights: ones([3]) };
  const g = compile(
    (z: Tensor, y: Tensor) => [nn.softmaxCrossEntropy(z, y, options), nn.accuracy(z, y)],
    { inputs: [[-1, 3], [-1]] },
  );
  expect(() => g(new Float32Array(6), new Uint8Array([0, 3]))).toThrow("label 3 is outside");
  expect(() => g(new Float32Array(6), new Uint8Array([0, 255]))).toThrow("accuracy: label 255");
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
