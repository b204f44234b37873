import {
  add,
  ArgumentError,
  arange,
  compile,
  concat,
  full,
  grad,
  gradients,
  layerNorm,
  linspace,
  matmul,
  nn,
  random,
  sort,
  split,
  stack,
  stopGradient,
  tensor,
  topK,
  valueAndGrad,
  variable,
  zeros,
  type Tensor,
} from "cotangent";
import { describeValue } from "../../src/base/describe-value.ts";
import { loose, refuses, type Case } from "./refuses.ts";

// What is of another kind than a function takes is told what it got.

const x = zeros([2, 3]);
const PARAMETRIC = [
  "leakyRelu",
  "elu",
  "celu",
  "swish",
  "step",
  "hardShrink",
  "softShrink",
] as const;

refuses(ArgumentError, [
  [() => sort(loose([2, 1])), "sort: expected a tensor, got Array; make a tensor of it: tensor(…)"],
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
  [() => nn.dropout().forward(loose(undefined)), "dropout: expected a tensor, got undefined"],
  [() => nn.layerNorm(2).forward(loose(undefined)), "layerNorm: expected a tensor, got undefined"],
  [() => nn.dropout(loose("0.5")), "dropout: p is a probability below 1, got string"],
  [() => nn.huber(x, x, { delta: loose("1") }), "huber: delta is a positive number, got string"],
  [() => random.bernoulli(loose("0.5"), [2]), "random.bernoulli: p is a probability, got string"],
  [() => linspace(loose("1"), 2, 3), "linspace: each of its ends is a number, got string"],
  [() => linspace(0, loose(1n), 3), "linspace: each of its ends is a number, got bigint"],
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
    "layerNorm: epsilon is a number ≥ 0, got string",
  ],
  [() => x.clip(loose("0"), 1), "clip: expected a tensor or a number, got string"],
  ...[x, null, { slope: 0.1 }, Float32Array.of(0.1)].flatMap((constant) =>
    PARAMETRIC.map((name): Case => [
      () => x[name](loose(constant)),
      `${name}: its constant is a number, got ${describeValue(constant)}`,
    ]),
  ),
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
