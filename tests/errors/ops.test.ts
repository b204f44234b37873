import {
  data,
  ArgumentError,
  arange,
  argSort,
  broadcastTo,
  concat,
  crossEntropy,
  DtypeError,
  eye,
  full,
  gather,
  gradients,
  iota,
  layerNorm,
  linspace,
  matmul,
  nn,
  oneHot,
  ones,
  optim,
  random,
  ShapeError,
  sort,
  split,
  stack,
  scatterAdd,
  scatterAddAlongAxis,
  takeAlongAxis,
  tensor,
  topK,
  valueAndGrad,
  ValueError,
  variable,
  where,
  zeros,
  type Shape,
  type Tensor,
} from "cotangent";
import { describe, expect, test } from "vitest";
import * as fluent from "../../src/ops/fluent.ts";
import { loose, refuses, type Case } from "./refuses.ts";

// Bad input throws a typed error where the call was made, which names the op, the shapes and what would be right.

const x = zeros([2, 3]);
const { accuracy, bceWithLogits, hinge, huber, logisticLoss, mae, mse, softmaxCrossEntropy } = nn;
const losses = {
  accuracy,
  bceWithLogits,
  hinge,
  huber,
  logisticLoss,
  mae,
  mse,
  softmaxCrossEntropy,
};
const examples = data.dataset({ x });
const int = (values: number[]) => tensor(values, { dtype: "int32" });

describe("shapes", () => {
  refuses(ShapeError, [
    [
      () => zeros([64, 784]).matmul(zeros([256, 10])),
      "matmul: inner dimensions differ: [64, 784] × [256, 10] has 784 ≠ 256",
    ],
    [
      () => matmul(zeros([2, 3]), zeros([4, 3]), { transposeA: true, transposeB: true }),
      "matmul: inner dimensions differ: [2, 3] × [4, 3] has 2 ≠ 3 (the first and the second transposed)",
    ],
    [
      () => zeros([2, 3, 4]).matmul(zeros([3, 4, 5])),
      "matmul: the axes before the last two do not broadcast: [2, 3, 4] × [3, 4, 5]",
    ],
    [() => x.matmul(tensor(2)), "matmul: [2, 3] × []: a scalar has no matrix product; use mul"],
    [
      () => x.add(zeros([2, 4])),
      "add: shapes [2, 3] and [2, 4] do not broadcast: axis 1 is 3 in one and 4 in the other",
    ],
    [
      () => where(ones([2], { dtype: "bool" }), zeros([3]), 0),
      "where: shapes [2] and [3] do not broadcast: axis 0 is 2 in one and 3 in the other",
    ],
    [() => x.reshape([4, -1]), "reshape: [2, 3] has 6 elements, which do not fill [4, -1]"],
    [
      () => x.reshape([1, 1, 1, 1, 1, 1, 1, 1, -1]),
      "reshape: [1, 1, 1, 1, 1, 1, 1, 1, 6] has rank 9; the highest is 8",
    ],
    [() => x.reshape([-1, -1]), "reshape: [-1, -1] leaves 2 lengths open; one may be −1"],
    [() => x.transpose([0, 0]), "transpose: [0, 0] is not an order of the 2 axes of [2, 3]"],
    [() => x.squeeze(0), "squeeze: axis 0 of [2, 3] has length 2, not 1"],
    [() => sort(tensor(2)), "sort: axis -1 is out of range for shape [], which has no axes"],
    [() => broadcastTo(x, [3, 3]), "broadcastTo: [2, 3] does not stretch to [3, 3]"],
    [() => x.pad(loose([null])), "pad: 1 pairs of widths for [2, 3], which has 2 axes"],
    [
      () => x.pad(loose([null, [1, 1]])),
      "pad: [] is not a pair [before, after] of whole numbers ≥ 0",
    ],
    [() => x.pad(loose([1, 1])), "pad: [1] is not a pair [before, after] of whole numbers ≥ 0"],
    [
      () =>
        x.pad([
          [-1, 1],
          [0, 0],
        ]),
      "pad: [-1, 1] is not a pair [before, after] of whole numbers ≥ 0",
    ],
    [
      () => split(x, Infinity, 1),
      "split: axis 1 of [2, 3] does not fall into Infinity equal parts",
    ],
    [() => split(x, 1e9, 1), "split: axis 1 of [2, 3] does not fall into 1000000000 equal parts"],
    [() => x.pad([[1, 1]]), "pad: 1 pairs of widths for [2, 3], which has 2 axes"],
    [
      () => x.slice([0, 0, 0]),
      "slice: starts [0, 0, 0], ends [] and steps [] are for more axes than [2, 3] has",
    ],
    [() => concat([x, zeros([3, 3])], 1), "concat: shapes [2, 3], [3, 3] differ outside of axis 1"],
    [() => stack([x, zeros([3])]), "stack: shapes [2, 3], [3] differ"],
    [() => x.tile([0.5]), "tile: [0.5] has a length of 0.5; lengths are whole numbers ≥ 0"],
    [
      () => takeAlongAxis(x, int([0]), 0),
      "takeAlongAxis: indices of shape [1] do not fit into [2, 3] outside of axis 0",
    ],
    [
      () => scatterAdd(x, int([0]), x),
      "scatterAdd: updates are [1, 3] for these indices, got [2, 3]",
    ],
    [() => scatterAdd(zeros([0, 3]), int([0]), x), "scatterAdd: axis 0 of [0, 3] is empty"],
    [
      () => scatterAddAlongAxis(x, int([0, 0, 0]).reshape([1, 3]), x, 0),
      "scatterAddAlongAxis: updates are [1, 3] for these indices, got [2, 3]",
    ],
    [
      () => scatterAddAlongAxis(x, int([0]), x, 0),
      "scatterAddAlongAxis: indices of shape [1] do not fit into [2, 3] outside of axis 0",
    ],
    [
      () => variable([1, 2]).assign(zeros([3])),
      "assign: the variable has shape [2], the value [3]",
    ],
    [
      () => gradients(x, [x]),
      "gradients: float32[2, 3] broadcastTo is not a scalar; reduce it to one, as in y.sum(), or give its cotangent",
    ],
    [
      () => zeros([0, 3]).max(0),
      "max: [0, 3] has no elements along axes [0], so there is none to choose",
    ],
    [
      () => layerNorm(x, [2]),
      "layerNorm: axis 2 is out of range for shape [2, 3], which has axes -2 to 1",
    ],
    [() => split(x, [1, 1], 1), "split: axis 1 of [2, 3] does not fall into parts of [1, 1]"],
    [() => split(x, 2, 1), "split: axis 1 of [2, 3] does not fall into 2 equal parts"],
  ]);
});

describe("axes", () => {
  const wrong: [string, (axis: number) => unknown][] = [
    ["sum", (axis) => x.sum(axis)],
    ["max", (axis) => x.max([axis])],
    ["softmax", (axis) => x.softmax(axis)],
    ["argMax", (axis) => x.argMax(axis)],
    ["gather", (axis) => gather(x, int([0]), axis)],
    ["concat", (axis) => concat([x, x], axis)],
    ["flip", (axis) => x.flip(axis)],
    ["transpose", (axis) => x.transpose([0, axis])],
    ["sort", (axis) => sort(x, axis)],
    ["argSort", (axis) => argSort(x, axis)],
    ["topK", (axis) => topK(x, 1, { axis })],
  ];
  refuses(
    ShapeError,
    wrong.flatMap(([name, act]) =>
      [2, -3, 0.5, NaN].map((axis): Case => [
        () => act(axis),
        `${name}: axis ${axis} is out of range for shape [2, 3], which has axes -2 to 1`,
      ]),
    ),
  );
  refuses(
    ArgumentError,
    wrong.flatMap(([name, act]) =>
      ["1", null, { axis: 1 }, Symbol("1")].map((axis): Case => [
        () => act(loose(axis)),
        `${name}: an axis is a whole number, got ${axis === null ? "null" : typeof axis}`,
      ]),
    ),
  );
  refuses(ShapeError, [
    [() => x.sum([0, -2]), "sum: axes [0, 0] of shape [2, 3] repeat one"],
    [() => tensor(1).sum(0), "sum: axis 0 is out of range for shape [], which has no axes"],
    [
      () => x.expandDims(4),
      "expandDims: axis 4 is out of range for shape [2, 3, 1], which has axes -3 to 2",
    ],
  ]);
});

test("an initializer's values have the weight's shape", () => {
  const weightInit = () => zeros([3, 2]);
  expect(() => nn.linear(2, 3, { weightInit })).toThrow(
    new ShapeError("linear: weightInit gave [3, 2], not [2, 3]"),
  );
});

test("an error of an option names the function that was called", () => {
  expect(() => nn.mlp([2, 0, 1])).toThrow(new ShapeError("mlp: there are no inputs to weigh"));
  expect(() => valueAndGrad((y: Tensor) => y, { argnums: 1 })(loose(x))).toThrow(
    new ValueError("valueAndGrad: argnums names argument 1, but there are 1"),
  );
  expect(() => mse(x, x, { reduction: loose("max") })).toThrow(
    new ValueError('mse: reduction is "mean", "sum" or "none", got max'),
  );
  expect(() => optim.clipByGlobalNorm([x], 1, { order: 3 })).toThrow(
    new ValueError("clipByGlobalNorm: order is 1, 2 or Infinity, got 3"),
  );
});

describe("lengths", () => {
  const makers: [string, (shape: Shape) => unknown][] = [
    ["zeros", (shape) => zeros(shape)],
    ["full", (shape) => full(shape, 7)],
    ["tensor", (shape) => tensor([1, 2, 3], shape)],
    ["reshape", (shape) => x.reshape(shape)],
    ["broadcastTo", (shape) => broadcastTo(x, shape)],
    ["random.bits", (shape) => random.bits(shape)],
    ["random.uniform", (shape) => random.uniform(shape)],
    ["random.normal", (shape) => random.normal(shape)],
    ["random.bernoulli", (shape) => random.bernoulli(0.5, shape)],
  ];
  refuses(
    ShapeError,
    makers.flatMap(([name, act]) =>
      [NaN, -2, 1.5, Infinity].map((n): Case => [
        () => act([2, n]),
        `${name}: [2, ${n}] has a length of ${n}; lengths are whole numbers ≥ 0`,
      ]),
    ),
  );
  refuses(
    ArgumentError,
    makers.flatMap(([name, act]) =>
      ["3", undefined, Symbol("3"), {}].map((n): Case => [
        () => act([2, loose(n)]),
        `${name}: lengths are whole numbers ≥ 0, got ${typeof n}`,
      ]),
    ),
  );
  refuses(ShapeError, [
    [
      () => arange(2 ** 53, 0, -1),
      "arange: [9007199254740992] has 9007199254740992 elements; the most that can be counted are 4294967295, stored or not",
    ],
    [
      () => zeros([1, 1, 1, 1, 1, 1, 1, 1, 1]),
      "zeros: [1, 1, 1, 1, 1, 1, 1, 1, 1] has rank 9; the highest is 8",
    ],
    [
      () => gather(zeros([1, 1, 1, 1, 1, 1, 1, 2]), int([0]).reshape([1, 1])),
      "gather: [1, 1, 1, 1, 1, 1, 1, 1, 2] has rank 9; the highest is 8",
    ],
    [
      () => arange(70_000).reshape([-1, 1]).add(arange(70_000)).max(),
      "add: [70000, 70000] has 4900000000 elements; the most that can be counted are 4294967295, stored or not",
    ],
    [
      () => nn.linear(2 ** 16, 2 ** 16),
      "linear: [65536, 65536] has 4294967296 elements; the most that can be counted are 4294967295, stored or not",
    ],
    [
      () => oneHot(int([0]), NaN),
      "oneHot: [NaN] has a length of NaN; lengths are whole numbers ≥ 0",
    ],
    [() => nn.flatten().forward(tensor(1)), "flatten: a scalar has no axis to keep; reshape it"],
    [() => nn.linear(0, 3), "linear: there are no inputs to weigh"],
    [() => nn.embedding(0, 3), "embedding: there are no rows to look up"],
    [() => linspace(0, 1, -1), "linspace: [-1] has a length of -1; lengths are whole numbers ≥ 0"],
    [() => eye(-1), "eye: [-1, -1] has a length of -1; lengths are whole numbers ≥ 0"],
    [() => random.permutation(-1), "random.permutation: -1 is not a number of elements"],
  ]);
});

describe("values", () => {
  refuses(ShapeError, [
    [
      () => tensor([[1, 2], [3]]),
      "tensor: ragged values: axis 1 has length 2 in one place and a list of 1 in another",
    ],
    [
      () => tensor([[1], 2]),
      "tensor: ragged values: axis 1 has length 1 in one place and a bare value in another",
    ],
    [
      () => tensor([1, [2]]),
      "tensor: ragged values: a list lies deeper than the first, which has shape [2]",
    ],
    [() => tensor([1, 2, 3], [2, 2]), "tensor: 3 values do not fill [2, 2], which takes 4"],
    [
      () => tensor(new Float32Array(5), [2, 3]),
      "tensor: 5 values do not fill [2, 3], which takes 6",
    ],
  ]);
  refuses(ValueError, [
    [() => linspace(0, NaN, 3), "linspace: each of its ends is a number, got NaN"],
    [
      () => topK(x, 4),
      "topK: k is a whole number from 0 to 3, the length of axis 1 of [2, 3], got 4",
    ],
    [
      () => topK(x, 0.5, { axis: 0 }),
      "topK: k is a whole number from 0 to 2, the length of axis 0 of [2, 3], got 0.5",
    ],
    [
      () => sort(x, 0, loose({ largest: true })),
      'sort: there is no option "largest"; there are descending',
    ],
    [() => arange(0, 3, 0), "arange: no range leads from 0 to 3 in steps of 0"],
    [() => arange(NaN), "arange: no range leads from 0 to NaN in steps of 1"],
    [() => x.norm(1, { order: loose(3) }), "norm: order is 1 or 2, got 3"],
    [() => x.celu(0), "celu: alpha is not 0, for x is divided by it"],
    [
      () => x.gelu({ approximate: loose("fast") }),
      'gelu: approximate is "none" or "tanh", got fast',
    ],
    [
      () => x.gelu(loose({ approximately: "tanh" })),
      'gelu: there is no option "approximately"; there are approximate',
    ],
    [() => random.seed(0.5), "random.seed: 0.5 is not a whole number"],
    ...[NaN, Infinity, "7", null, {}].flatMap((seed): [() => unknown, string][] => {
      const got = typeof seed === "number" ? seed : seed === null ? "null" : typeof seed;
      return [
        [() => random.seed(loose(seed)), `random.seed: ${got} is not a whole number`],
        [() => examples.shuffle(loose(seed)), `shuffle.seed: ${got} is not a whole number`],
        [
          () => examples.split(0.5, { seed: loose(seed) }),
          `split.seed: ${got} is not a whole number`,
        ],
        [
          () => examples.batches(1, { seed: loose(seed) }),
          `batches.seed: ${got} is not a whole number`,
        ],
        [
          () => data.resident(examples, { batchSize: 1, seed: loose(seed) }),
          `resident.seed: ${got} is not a whole number`,
        ],
      ];
    }),
    [
      () => random.uniform([2], { min: 3, max: 1 }),
      "random.uniform: there is no range from 3 to 1",
    ],
    [() => random.uniform([2], { max: NaN }), "random.uniform: there is no range from 0 to NaN"],
    [
      () => random.uniform([2], { min: -3e38, max: 3e38 }),
      "random.uniform: there is no range from -3e+38 to 3e+38",
    ],
    [() => random.bernoulli(1.5, [2]), "random.bernoulli: p is a probability, got 1.5"],
    [() => gather(x, int([0, 2])), "gather: index 2 is outside of an axis of length 2"],
    [
      () => scatterAdd(x, int([-1]), zeros([2, 1]), 1),
      "scatterAdd: index -1 is outside of an axis of length 3",
    ],
    [
      () => scatterAddAlongAxis(x, tensor([[2]], { dtype: "int32" }), zeros([1, 1]), 0),
      "scatterAddAlongAxis: index 2 is outside of an axis of length 2",
    ],
    [
      () => nn.embedding(4, 2).forward(int([1, 4])),
      "embedding: index 4 is outside of an axis of length 4",
    ],
    [
      () => nn.embedding(4, 2, { paddingIndex: 4 }),
      "embedding: paddingIndex is a whole number from 0 to 3, got 4",
    ],
    [() => oneHot(int([0, 4]), 4), "oneHot: index 4 is outside of an axis of length 4"],
  ]);
});

describe("dtypes", () => {
  refuses(DtypeError, [
    [() => iota([2], loose("float32")), "iota: its dtype is int32 or uint32, got float32"],
    [() => iota([2], loose(Symbol("x"))), "iota: its dtype is int32 or uint32, got Symbol(x)"],
    [
      () => gradients(x, [x], ones([2, 3]).cast("int32")),
      'gradients: the cotangent is int32, y float32; use cast("float32")',
    ],
    [() => sort(x.greater(0)), 'sort: takes numbers, got bool; cast it, as in x.cast("int32")'],
    [
      () => argSort(x.greater(0)),
      'argSort: takes numbers, got bool; cast it, as in x.cast("int32")',
    ],
    [() => topK(x.greater(0), 1), 'topK: takes numbers, got bool; cast it, as in x.cast("int32")'],
    [() => tensor([1, true]), "tensor: numbers and booleans are mixed"],
    [() => tensor([0.5], { dtype: "int32" }), "tensor: 0.5 cannot be int32"],
    [() => tensor([-1], { dtype: "uint32" }), "tensor: -1 cannot be uint32"],
    [() => tensor([2], { dtype: "bool" }), "tensor: 2 cannot be bool"],
    [
      () => bceWithLogits(x, zeros([2, 3], { dtype: "bool" })),
      'bceWithLogits: takes numbers, got bool; cast it, as in x.cast("float32")',
    ],
    [() => full([2], 0.5, { dtype: "int32" }), "full: 0.5 cannot be int32"],
    [
      () => tensor([1], { dtype: loose("float64") }),
      "tensor: there is no dtype float64; dtypes are float32, int32, uint32 and bool",
    ],
    [
      () => x.cast(loose("f32")),
      "cast: there is no dtype f32; dtypes are float32, int32, uint32 and bool",
    ],
    [
      () => int([1]).matmul(int([1])),
      'matmul: takes float32, got int32; cast it, as in x.cast("float32")',
    ],
    [
      () => x.add(tensor([true])),
      'add: float32 and bool do not mix; cast one of them, as in x.cast("float32")',
    ],
    [
      () => int([1]).clip(0.5, 1),
      'clip: 0.5 cannot be int32; cast the tensor it meets, as in x.cast("float32")',
    ],
    [
      () => int([1]).pad([[1, 1]], NaN),
      'pad: NaN cannot be int32; cast the tensor it meets, as in x.cast("float32")',
    ],
    [() => int([1]).div(2), 'div: takes float32, got int32; cast it, as in x.cast("float32")'],
    ...[-1, 0, 0.5, 4].map((exponent): Case => [
      () => int([1]).pow(exponent),
      'pow: takes float32, got int32; cast it, as in x.cast("float32")',
    ]),
    [() => int([1]).exp(), 'exp: takes float32, got int32; cast it, as in x.cast("float32")'],
    [
      () => int([1]).mul(0.5),
      'mul: 0.5 cannot be int32; cast the tensor it meets, as in x.cast("float32")',
    ],
    [
      () => x.logicalAnd(x),
      'logicalAnd: takes bool, got float32; cast it, as in x.cast("bool") or x.notEqual(0)',
    ],
    [
      () => where(x, x, x),
      "where: takes a bool condition, got float32; compare it, as in x.notEqual(0)",
    ],
    [() => x.any(), 'any: takes bool, got float32; cast it, as in x.cast("bool") or x.notEqual(0)'],
    [() => tensor([true]).sum(), 'sum: takes numbers, got bool; cast it, as in x.cast("float32")'],
    [() => gather(x, x), "gather: indices are int32 or uint32, got float32; cast them"],
    [() => scatterAdd(x, x, x), "scatterAdd: indices are int32 or uint32, got float32; cast them"],
    [
      () => scatterAdd(x.greater(0), int([0, 1]), x.greater(0)),
      'scatterAdd: takes numbers, got bool; cast it, as in x.cast("int32")',
    ],
    [
      () => nn.embedding(4, 2).forward(x),
      "embedding: indices are int32 or uint32, got float32; cast them",
    ],
    [
      () => concat([x, tensor([true])]),
      'concat: float32 and bool do not mix; cast one of them, as in x.cast("float32")',
    ],
    [
      () => variable([1]).assign(int([1])),
      'assign: the variable is float32, the value int32; use value.cast("float32")',
    ],
  ]);
});

test.each([
  ...Object.entries(fluent),
  ...Object.entries({ crossEntropy, gather, layerNorm, oneHot, split, takeAlongAxis, ...losses }),
  ...Object.entries({ scatterAdd, scatterAddAlongAxis }),
])("%s of something that is no tensor", (_, op) => {
  for (const value of [undefined, null, "1", {}, [1, 2], Float32Array.of(1, 2)]) {
    const act = () => (op as (x: unknown, y: unknown) => unknown)(value, value);
    expect(act).toThrow(ArgumentError);
    expect(act).toThrow(/^\w+: expected a tensor( or a number)?, got /);
  }
});
