import {
  arange,
  crossEntropy,
  DtypeError,
  expandDims,
  layerNorm,
  numericGrad,
  oneHot,
  random,
  ShapeError,
  stack,
  std,
  tensor,
  trace,
  ValueError,
  zeros,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { loose, refuses } from "./refuses.ts";

// What a function is made of is not what its caller wrote: errors name the function that was called.

const x = zeros([2, 3]);
const flags = tensor([true, false]);
const labels = tensor([0, 1], { dtype: "int32" });
const deepest = zeros([1, 1, 1, 1, 1, 1, 1, 1]);
const dtypes = "dtypes are float32, int32, uint32 and bool";

describe("errors of functions that are made of others", () => {
  refuses(ShapeError, [
    [
      () => stack([x, x], 4),
      "stack: axis 4 is out of range for shape [2, 3, 1], which has axes -3 to 2",
    ],
    [() => stack([]), "stack: there are no tensors to join"],
    [() => stack([deepest]), "stack: [1, 1, 1, 1, 1, 1, 1, 1, 1] has rank 9; the highest is 8"],
    [
      () => expandDims(deepest, 0),
      "expandDims: [1, 1, 1, 1, 1, 1, 1, 1, 1] has rank 9; the highest is 8",
    ],
    [() => std(x, 2), "std: axis 2 is out of range for shape [2, 3], which has axes -2 to 1"],
    [() => std(x, [0, 0]), "std: axes [0, 0] of shape [2, 3] repeat one"],
    [
      () => crossEntropy(x, labels, 0, zeros([4])),
      "softmaxCrossEntropy: classWeights [4] for 3 classes",
    ],
    [() => random.uniform([3], { min: x }), "random.uniform: [2, 3] does not broadcast to [3]"],
    [() => random.normal([3], { mean: x }), "random.normal: [2, 3] does not broadcast to [3]"],
    [
      () => random.normal([2], { std: zeros([4]) }),
      "random.normal: shapes [4] and [2] do not broadcast: axis 0 is 4 in one and 2 in the other",
    ],
    [() => random.bernoulli(x, [3]), "random.bernoulli: [2, 3] does not broadcast to [3]"],
  ]);

  refuses(DtypeError, [
    [
      () => stack([flags, labels]),
      'stack: bool and int32 do not mix; cast one of them, as in x.cast("float32")',
    ],
    [() => oneHot(labels, 3, loose("f32")), `oneHot: there is no dtype f32; ${dtypes}`],
    [() => arange(0, 1, 0.5, { dtype: "int32" }), "arange: 0.5 cannot be int32"],
    [
      () => trace(tensor([[true]])),
      'trace: takes numbers, got bool; cast it, as in x.cast("float32")',
    ],
    [
      () => random.normal([2], { mean: flags }),
      'random.normal: float32 and bool do not mix; cast one of them, as in x.cast("float32")',
    ],
    [
      () => random.bernoulli(flags, [2]),
      'random.bernoulli: float32 and bool do not mix; cast one of them, as in x.cast("float32")',
    ],
  ]);

  refuses(ValueError, [
    [
      () => std(x, 0, loose({ bias: 1 })),
      'std: there is no option "bias"; there are keepDims, correction',
    ],
  ]);
});

describe("numbers that mean nothing", () => {
  refuses(ValueError, [
    [() => random.normal([2], { std: -1 }), "random.normal: std is a number ≥ 0, got -1"],
    [() => random.normal([2], { std: NaN }), "random.normal: std is a number ≥ 0, got NaN"],
    [() => layerNorm(x, -1, { epsilon: -1 }), "layerNorm: epsilon is a number ≥ 0, got -1"],
    [() => layerNorm(x, -1, { epsilon: NaN }), "layerNorm: epsilon is a number ≥ 0, got NaN"],
    [
      () => crossEntropy(x, labels, 2),
      "softmaxCrossEntropy: labelSmoothing is between 0 and 1, got 2",
    ],
  ]);

  test("a step of numericGrad", async () => {
    const infinite = numericGrad((at) => at.sum(), x, { eps: Infinity });
    await expect(infinite).rejects.toThrow("numericGrad: eps is a positive number, got Infinity");
  });
});
