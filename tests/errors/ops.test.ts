import {
  data,
  add,
  ArgumentError,
  arange,
  argSort,
  broadcastTo,
  compile,
  concat,
  crossEntropy,
  DtypeError,
  eye,
  full,
  gather,
  grad,
  gradients,
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
  stopGradient,
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
import { expectRefusal, type ErrorClass } from "./refuses.ts";

// Bad input throws a typed error where the call was made, which names the op, the shapes and what would be right.

type Case = [act: () => unknown, message: string];

function refuses(Class: ErrorClass, cases: readonly Case[]): void {
  test.each(cases.map(([act, message]) => ({ act, message })))("$message", ({ act, message }) => {
    expectRefusal(Class, act, message);
  });
}

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
/** What JavaScript lets through and TypeScript does not. */
const loose = (value: unknown) => value as never;

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
    [() => x.reshape([-1, -1]), "reshape: [-1, -1] leaves 2 lengths open; one may be −1"],
    [() => x.transpose([0, 0]), "transpose: [0, 0] is not an order of the 2 axes of [2, 3]"],
    [() => x.squeeze(0), "squeeze: axis 0 of [2, 3] has length 2, not 1"],
    [() => sort(tensor(2)), "sort: axis -1 is out of range for shape [], which has no axes"],
    [() => broadcastTo(x, [3, 3]), "broadcastTo: [2, 3] does not stretch to [3, 3]"],
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
      [2, -3, 0.5, NaN, loose("1"), loose(null)].map((axis): Case => [
        () => act(axis),
        `${name}: axis ${axis} is out of range for shape [2, 3], which has axes -2 to 1`,
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
  refuses(ShapeError, [
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

describe("kinds", () => {
  refuses(ArgumentError, [
    [
      () => sort(loose([2, 1])),
      "sort: expected a tensor, got Array; make a tensor of it: tensor(…)",
    ],
    [
      () => topK(x, loose("1")),
      "topK: k is a whole number from 0 to 3, the length of axis 1 of [2, 3], got string",
    ],
    [() => stopGradient(loose(1)), "stopGradient: expected a tensor, got number"],
    [
      () => nn.mlp([2, 3, 1], { activation: loose(nn.tanh()) }),
      "mlp: expected activation, a function that makes a layer, as nn.tanh, got an instance of Activation",
    ],
    [
      () => nn.mlp([2, 3, 1], { activation: loose(() => x) }),
      "mlp: expected activation to make a layer, got an instance of Tensor",
    ],
    [() => nn.mlp(loose(3)), "mlp: sizes are a list of lengths, got number"],
    [
      () => nn.mlp([2, 3, 1], { dropout: loose("0.5") }),
      "mlp: dropout is a probability below 1, got string",
    ],
    [
      () => nn.mlp([2, 3], { weightInit: loose(x) }),
      "mlp: expected weightInit, an initializer, as nn.init.zeros(), got an instance of Tensor",
    ],
    [
      () => nn.linear(2, 3, { biasInit: loose(0) }),
      "linear: expected biasInit, an initializer, as nn.init.zeros(), got number",
    ],
    [
      () => nn.linear(2, 3, { weightInit: loose(nn.init.zeros) }),
      "linear: weightInit gave function instead of a tensor; call it, as nn.init.zeros()",
    ],
    [
      () => nn.sequential(loose(nn.relu)),
      "sequential: argument 0 is not a module; ops have one, as in nn.relu()",
    ],
    [() => nn.dropout(loose("0.5")), "dropout: p is a probability below 1, got string"],
    [() => huber(x, x, { delta: loose("1") }), "huber: delta is a positive number, got string"],
    [() => random.bernoulli(loose("0.5"), [2]), "random.bernoulli: p is a probability, got string"],
    [() => arange(loose("3")), "arange: each of its ends and steps is a number, got string"],
    [() => valueAndGrad(loose(3)), "valueAndGrad: expected a function, got number"],
    [
      () => valueAndGrad(loose(() => 3))(x),
      "valueAndGrad: the function must return a tensor, got number",
    ],
    [
      () => grad((y: Tensor) => y, { argnums: loose("0") })(tensor(1)),
      "grad: argnums is a number or a list of them, got string",
    ],
    [() => gradients(x, [x], loose(3)), "gradients: expected a tensor, got number"],
    [
      () => compile((s: Tensor) => s, { inputs: loose(3) }),
      "compile: inputs are a list of shapes, one for each argument, got number",
    ],
    [
      () => grad((s: Tensor) => s)(loose("1")),
      "grad: argument 0 is not a tensor, so it has no gradient",
    ],
    [
      () => x.slice(loose(0), loose(2)),
      "slice: starts, ends and steps are lists, a number for each axis, got number",
    ],
    [() => x.transpose(loose(1)), "transpose: an order of axes is a list, got number"],
    [() => x.pad(loose(1)), "pad: widths are a list of pairs [before, after], got number"],
    [() => concat(loose(x)), `concat: it takes a list of tensors, got an instance of Tensor`],
    [() => stack(loose(undefined)), "stack: it takes a list of tensors, got undefined"],
    [
      () => gradients(x.sum(), loose(x)),
      `gradients: what it is with respect to is a list of tensors, got an instance of Tensor`,
    ],
    [() => split(x, loose(null), 1), "split: parts are a number or a list of lengths, got null"],
    [() => zeros(loose(3)), "zeros: a shape is a list of lengths, got number"],
    [() => x.reshape(loose(6)), "reshape: a shape is a list of lengths, got number"],
    [() => x.reshape(loose(undefined)), "reshape: a shape is a list of lengths, got undefined"],
    [() => tensor(loose("1")), "tensor: values are numbers or booleans, got string"],
    [() => tensor(loose([null])), "tensor: values are numbers or booleans, got null"],
    [() => tensor(loose(undefined)), "tensor: values are numbers or booleans, got undefined"],
    [() => tensor(loose({})), "tensor: values are numbers or booleans, got object"],
    [() => tensor(loose([1n])), "tensor: values are numbers or booleans, got bigint"],
    [
      () => tensor(loose([x])),
      "tensor: values are numbers or booleans, got a tensor; stack and concat join tensors",
    ],
    [() => full([2], loose(undefined)), "full: expected a number or a boolean, got undefined"],
    [() => full([2], loose("3")), "full: expected a number or a boolean, got string"],
    [() => tensor([1, 2], loose("2")), "tensor: expected options { dtype }, got string"],
    [() => x.gelu(loose("tanh")), "gelu: expected options { approximate }, got string"],
    [
      () => layerNorm(x, -1, { epsilon: loose("1e-5") }),
      "layerNorm: expected a tensor or a number, got string",
    ],
    [() => x.clip(loose("0"), 1), "clip: expected a tensor or a number, got string"],
    [() => x.leakyRelu(loose("0.1")), "leakyRelu: expected a tensor or a number, got string"],
    [
      () => add(x, loose([1, 2])),
      "add: expected a tensor or a number, got Array; make a tensor of it: tensor(…)",
    ],
    [() => x.mul(loose("2")), "mul: expected a tensor or a number, got string"],
    [() => x.mul(loose(undefined)), "mul: expected a tensor or a number, got undefined"],
    [() => x.mul(loose(true)), "mul: expected a tensor or a number, got boolean"],
    [
      () => x.sub(loose(Float32Array.of(1))),
      "sub: expected a tensor or a number, got Float32Array; make a tensor of it: tensor(…)",
    ],
    [() => variable([1]).assign(loose(3)), "assign: expected a tensor, got number"],
    [
      () => concat([x, loose([1])]),
      "concat: expected a tensor, got Array; make a tensor of it: tensor(…)",
    ],
    [
      () => matmul(loose(new Float32Array(3)), x),
      "matmul: expected a tensor or a number, got Float32Array; make a tensor of it: tensor(…)",
    ],
  ]);
});

describe("dtypes", () => {
  refuses(DtypeError, [
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
