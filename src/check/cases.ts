import type { Dtype } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { checkpoint } from "../autodiff/checkpoint.ts";
import { customGradient } from "../autodiff/custom-gradient.ts";
import { power } from "../ops/exponential.ts";
import { add, fmod, lerp, mul, remainder } from "../ops/arithmetic.ts";
import { broadcastTo, sum } from "../ops/broadcast.ts";
import { cast } from "../ops/cast.ts";
import { where } from "../ops/compare.ts";
import { concat } from "../ops/concat.ts";
import { conv, convInputGradient, convWeightGradient, type ConvAxis } from "../ops/convolution.ts";
import { eye } from "../ops/create.ts";
import { cosineSimilarity } from "../ops/cosine-similarity.ts";
import { crossEntropy } from "../ops/cross-entropy.ts";
import { cumProd, cumSum } from "../ops/cumulative.ts";
import { gather, scatterAdd, scatterAddAlongAxis, takeAlongAxis } from "../ops/gather.ts";
import { iota } from "../ops/iota.ts";
import { cholesky } from "../ops/linalg/cholesky.ts";
import { cofactor } from "../ops/linalg/cofactor.ts";
import { det, logDet } from "../ops/linalg/det.ts";
import { inverse } from "../ops/linalg/inverse.ts";
import { lu } from "../ops/linalg/lu.ts";
import { solve } from "../ops/linalg/solve.ts";
import { triangularSolve } from "../ops/linalg/triangular-solve.ts";
import { matmul } from "../ops/matmul.ts";
import { moments } from "../ops/moments.ts";
import { hardSwish } from "../ops/piecewise.ts";
import { flip, reshape, transpose } from "../ops/movement.ts";
import { jointNorm, norm } from "../ops/norm.ts";
import { bits, normal, permutation, uniform, uniformBetween } from "../random/draws.ts";
import { all, any, argMax, argMin, greatest, max, min, prod } from "../ops/reduce.ts";
import { floorDivide } from "../ops/rounding.ts";
import { pad, slice } from "../ops/slice.ts";
import { logSoftmax, logSumExp, softmax } from "../ops/softmax.ts";
import { layerNorm, std, variance } from "../ops/statistics.ts";
import { argSort, sort, topK } from "../ops/sort.ts";
import { sincDerivative } from "../ops/trigonometric.ts";
import { functions } from "./registry.ts";

/** An operand: its shape, dtype and the range that its elements are drawn from. */
export interface CaseOperand {
  shape: Shape;
  dtype: Dtype;
  low: number;
  high: number;
}

/** A way to call an op. */
export interface Case {
  operands: CaseOperand[];
  /** Too large for derivatives to be checked number by number. */
  isLarge?: boolean;
  call(...xs: Tensor[]): Tensor;
}

const float = (shape: Shape, low = -3, high = 3): CaseOperand => ({
  shape,
  dtype: "float32",
  low,
  high,
});
const int = (shape: Shape, low: number, high: number): CaseOperand => ({
  shape,
  dtype: "int32",
  low,
  high,
});
const bool = (shape: Shape): CaseOperand => ({ shape, dtype: "bool", low: 0, high: 2 });

const one = (call: Case["call"], ...operands: CaseOperand[]): Case => ({ call, operands });

/** Shapes that fill vectors and workgroups, and that don't: the same op runs as several kernels on them. */
const SHAPES: Shape[] = [[1], [7], [64, 33], [3, 5, 4]];
const MATRIX: Shape = [12, 33];

const LOGICAL = new Set(["logicalAnd", "logicalOr", "logicalXor", "logicalNot"]);

/** Where elementwise ops of floats are defined and tame, for those that are not everywhere: the range of each argument. */
export const DOMAINS: Readonly<Record<string, [low: number, high: number]>> = {
  sqrt: [0.01, 9],
  rsqrt: [0.01, 9],
  log: [0.01, 9],
  log2: [0.01, 9],
  log10: [0.01, 9],
  log1p: [-0.9, 9],
  asin: [-0.95, 0.95],
  acos: [-0.95, 0.95],
  atanh: [-0.95, 0.95],
  acosh: [1.05, 9],
  reciprocal: [0.1, 9],
  pow: [0.1, 3],
  xlogy: [0.1, 3],
  div: [0.1, 3],
};

const reduced = (f: typeof sum | typeof any, operand: (shape: Shape) => CaseOperand): Case[] => [
  one((x) => f(x), operand([300])),
  one((x) => f(x, 0), operand(MATRIX)),
  one((x) => f(x, -1, { keepDims: true }), operand(MATRIX)),
  one((x) => f(x, [0, 2]), operand([3, 5, 8])),
];

/** A convolution by its sizes: examples, groups, and channels of y and of x in each group. */
interface ConvCase {
  counts: [n: number, g: number, o: number, c: number];
  axes: ConvAxis[];
}

const along = (
  input: number,
  kernel: number,
  { stride = 1, padding = 0, dilation = 1 } = {},
): ConvAxis => {
  const output = Math.floor((input + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
  return { stride, padding, dilation, input, kernel, output };
};

/** Vectors that are whole and not, elements of x that meet no kernel, strides, dilation, groups, and sums in parts. */
const CONVOLUTIONS: ConvCase[] = [
  { counts: [2, 1, 3, 2], axes: [along(7, 3, { padding: 1 })] },
  { counts: [2, 2, 2, 1], axes: [along(11, 2, { stride: 3, padding: 2 })] },
  { counts: [2, 1, 8, 4], axes: [along(8, 3, { padding: 1 }), along(8, 3, { padding: 1 })] },
  {
    counts: [1, 2, 3, 2],
    axes: [along(6, 3, { stride: 2, padding: 1 }), along(9, 3, { padding: 2, dilation: 2 })],
  },
  { counts: [1, 4, 1, 1], axes: [along(5, 1, { stride: 2 }), along(4, 4)] },
  { counts: [3, 1, 2, 1], axes: [along(400, 2)] },
];

/** Cases of an op on two of x, w and y. */
const convolutions = (f: typeof conv, ...parts: ("x" | "w" | "y")[]): Case[] =>
  CONVOLUTIONS.map(({ counts: [n, g, o, c], axes }) => {
    const shapes = {
      x: [n, g, c, ...axes.map((a) => a.input)],
      w: [g, o, c, ...axes.map((a) => a.kernel)],
      y: [n, g, o, ...axes.map((a) => a.output)],
    };
    return one((a, b) => f(a, b, axes), ...parts.map((part) => float(shapes[part])));
  });

/** Batches of square matrices, one that fills no vector, and one that is a number. */
const SQUARES: Shape[] = [[5, 5], [3, 4, 4], [2, 1, 1, 1], [33, 33]]; // prettier-ignore

/** x as matrices far from singular: with more on the diagonal than random numbers have beside it. */
const regular = (x: Tensor): Tensor => add(x, mul(eye(x.shape.at(-1)!), 20));

const squares = (f: (x: Tensor) => Tensor): Case[] =>
  SQUARES.map((shape) => one((x) => f(regular(x)), float(shape)));

/** Systems: one of a vector, batches that broadcast, and one with more right sides than rows. */
const SYSTEMS: [a: Shape, b: Shape][] = [
  [[5, 5], [5]],
  [[3, 4, 4], [2, 1, 4, 2]],
  [[2, 3, 3], [3, 7]],
  [[33, 33], [33, 5]],
]; // prettier-ignore

const systems = (...calls: ((a: Tensor, b: Tensor) => Tensor)[]): Case[] =>
  SYSTEMS.flatMap(([a, b], i) => [
    one((x, y) => calls[i % calls.length](regular(x), y), float(a), float(b)),
  ]);

/** Ops that take more than tensors of floats, or have shapes of their own. */
const SPECIAL: Record<string, Case[]> = {
  all: reduced(all, bool),
  any: reduced(any, bool),
  argMax: reduced(argMax, float),
  argMin: reduced(argMin, float),
  broadcastTo: [
    one((x) => broadcastTo(x, [4, 3, 5]), float([3, 1])),
    one((x) => broadcastTo(x, [7]), float([])),
  ],
  cast: [
    one((x) => cast(x, "int32"), float(MATRIX, -9, 9)),
    one((x) => cast(x, "uint32"), float(MATRIX, 0, 9)),
    one((x) => cast(x, "bool"), float(MATRIX, -1, 2)),
    one((x) => cast(x, "float32"), int(MATRIX, -9, 9)),
    one((x) => cast(x, "bool"), int(MATRIX, -1, 2)),
  ],
  checkpoint: [
    one(
      checkpoint((x: Tensor, w: Tensor) => softmax(mul(matmul(x, w), matmul(x, w)))),
      float([3, 5], -1, 1),
      float([5, 4], -1, 1),
    ),
  ],
  cholesky: squares(cholesky),
  cofactor: squares((x) => cofactor(mul(x, 0.1))),
  concat: [one((a, b) => concat([a, b], 1), float([3, 2]), float([3, 5]))],
  conv: convolutions(conv, "x", "w"),
  convInputGradient: convolutions(convInputGradient, "y", "w"),
  convWeightGradient: convolutions(convWeightGradient, "x", "y"),
  customGradient: [
    one(
      customGradient((x: Tensor, y: Tensor) => {
        const square = mul(x, x);
        return {
          value: mul(square, y),
          gradient: (g) => [mul(g, mul(mul(x, y), 2)), mul(g, square)],
        };
      }),
      float(MATRIX),
      float(MATRIX),
    ),
  ],
  cosineSimilarity: [
    one((a, b) => cosineSimilarity(a, b), float(MATRIX), float(MATRIX)),
    one(
      (a, b) => cosineSimilarity(a, b, 0, { epsilon: 2 }),
      float([3, 1, 4], -1, 1),
      float([5, 1]),
    ),
  ],
  softmaxCrossEntropy: [
    one((x, t) => crossEntropy(x, t), float([9, 10]), int([9], 0, 10)),
    one((x, t) => crossEntropy(x, t, 0.1), float([5, 7]), float([5, 7], 0, 1)),
  ],
  cumProd: [
    one((x) => cumProd(x, 1), float([3, 33, 2], 0.8, 1.2)),
    one((x) => cumProd(x, 0, { exclusive: true, reverse: true }), float([7], -2, 2)),
  ],
  cumSum: [
    one((x) => cumSum(x, -1), float(MATRIX)),
    one((x) => cumSum(x, 0, { exclusive: true }), float([3, 5])),
    one((x) => cumSum(x, 0, { reverse: true }), float([300])),
    one((x) => cumSum(x, 0, { exclusive: true, reverse: true }), int([17], -9, 9)),
  ],
  det: squares((x) => det(mul(x, 0.05))),
  floorDivide: [
    one(floorDivide, float(MATRIX, 1, 9), float([33], 1, 4)),
    one(floorDivide, int([65], -9, 9), int([65], 1, 5)),
  ],
  fmod: [one(fmod, float(MATRIX, 1, 9), float([33], 1, 4))],
  gather: [one((x, i) => gather(x, i, 1), float([3, 7, 2]), int([4, 2], 0, 7))],
  greatest: reduced(greatest, float),
  // At −1.5 its slope is 0, as a difference of two numbers that are not.
  hardSwish: [...elementwise("hardSwish"), one(hardSwish, float([7], -1.501, -1.499))],
  inverse: squares(inverse),
  iota: [one(() => iota([6, 11]))],
  layerNorm: [
    one((x) => layerNorm(x), float(MATRIX)),
    one((x) => layerNorm(x, [0, 1]), float([6, 8])),
  ],
  jointNorm: [
    one((x) => jointNorm([x]), float([300])),
    one((...xs) => jointNorm(xs), float([7]), float(MATRIX), float([])),
  ],
  lerp: [one(lerp, float(MATRIX), float([33]), float(MATRIX, 0, 1))],
  logDet: [...squares((x) => logDet(x)[1]), ...squares((x) => logDet(x)[0])],
  logSoftmax: [
    one((x) => logSoftmax(x), float([20, 10])),
    one((x) => logSoftmax(x, 0), float([300, 3])),
  ],
  logSumExp: [
    one((x) => logSumExp(x, -1), float([20, 10])),
    one((x) => logSumExp(x), float([500])),
  ],
  lu: [
    ...squares((x) => lu(x)[0]),
    one((x) => lu(x)[0], float([2, 6, 6])),
    ...[1, 2, 3].map((i) => one((x) => lu(x)[i], float([3, 7, 7]))),
  ],
  matmul: [
    [
      [17, 31],
      [31, 5],
    ],
    [
      [64, 64],
      [64, 64],
    ],
    [
      [2, 3, 8],
      [8, 4],
    ],
    [
      [3, 1, 5, 7],
      [2, 7, 6],
    ],
  ].map(([a, b]) => one((x, y) => matmul(x, y), float(a), float(b))),
  max: reduced(max, float),
  min: reduced(min, float),
  moments: [0, 1].map((i) => one((x) => moments(x, 1, { keepDims: i === 1 })[i], float(MATRIX))),
  norm: [one((x) => norm(x, 1), float(MATRIX))],
  pad: [
    one(
      (x) =>
        pad(
          x,
          [
            [1, 2],
            [0, 3],
          ],
          0.5,
        ),
      float([4, 5]),
    ),
  ],
  power: [-1.5, 2, 2.5, 3].map((b) => one((x) => power(x, b), float(MATRIX, 0.1, 3))),
  prod: reduced(prod, (shape) => float(shape, 0.9, 1.1)),
  randomBetween: [
    one(uniformBetween, float(MATRIX, 0, 1), float([33], -3, 0), float(MATRIX, 1, 9)),
  ],
  randomBits: [one(() => bits([300]))],
  randomNormal: [one(() => normal([300]))],
  randomPermutation: [one(() => permutation(300))],
  randomUniform: [one(() => uniform([300]))],
  remainder: [one(remainder, float(MATRIX, 1, 9), float([33], 1, 4))],
  reshape: [one((x) => reshape(x, [5, -1]), float([3, 5, 4]))],
  flip: [one((x) => flip(x, 1), float([3, 5, 4]))],
  sincDerivative: [1, 2, 3].map((n) => one((x) => sincDerivative(x, n), float(MATRIX))),
  scatterAdd: [
    one(
      (x, i, u) => scatterAdd(x, i, u, 1),
      float([3, 7, 2]),
      int([4, 2], 0, 7),
      float([3, 4, 2, 2]),
    ),
    one((x, i, u) => scatterAdd(x, i, u), float([401, 12]), int([230], 0, 401), float([230, 12])),
    one(
      (x, i, u) => scatterAdd(x, i, u),
      int([300, 3], -9, 9),
      int([1300], 4, 6),
      int([1300, 3], -9, 9),
    ),
  ],
  scatterAddAlongAxis: [
    one(
      (x, i, u) => scatterAddAlongAxis(x, i, u, 1),
      float([3, 7]),
      int([3, 4], 0, 7),
      float([3, 4]),
    ),
    one(
      (x, i, u) => scatterAddAlongAxis(x, i, u, 0),
      float([400, 30]),
      int([100, 29], 0, 400),
      float([100, 29]),
    ),
  ],
  slice: [one((x) => slice(x, [0, 1], [8, 30], [2, 3]), float(MATRIX))],
  softmax: [
    one((x) => softmax(x), float([20, 10])),
    one((x) => softmax(x, 0), float([300, 3])),
    one((x) => softmax(x), float([2, 1000])),
  ],
  solve: systems(solve),
  sort: [
    one((x) => sort(x), float([6, 33])),
    one((x) => sort(x, 1, { descending: true }), float([3, 5, 4])),
    one((x) => argSort(x, 0), float([17, 2])),
    one((x) => sort(x), int([40], -9, 9)),
    // Longer than workgroup memory holds, so that blocks are merged.
    { ...one((x) => argSort(x), float([9000])), isLarge: true },
    // Long enough for its gradient to put each number in its place instead of asking all who it is.
    one((x) => sort(x), float([200])),
  ],
  sum: [...reduced(sum, float), one((x) => sum(x), float([70_000]))],
  takeAlongAxis: [one((x, i) => takeAlongAxis(x, i, 1), float([3, 7]), int([3, 4], 0, 7))],
  topK: [
    one((x) => topK(x, 3)[0], float([4, 33])),
    one((x) => topK(x, 5, { axis: 0, largest: false })[0], float([12, 3])),
    one((x) => topK(x, 1)[1], float([4, 9])),
  ],
  triangularSolve: systems(
    (l, b) => triangularSolve(l, b),
    (l, b) => triangularSolve(l, b, { upper: true }),
    (l, b) => triangularSolve(l, b, { transpose: true }),
    (l, b) =>
      triangularSolve(mul(l, 0.05), b, { upper: true, transpose: true, unitDiagonal: true }),
  ),
  transpose: [one((x) => transpose(x, [2, 0, 1]), float([3, 5, 4]))],
  std: [one((x) => std(x), float([300])), one((x) => std(x, 1), float(MATRIX))],
  variance: [
    one((x) => variance(x, 0, { correction: 1 }), float(MATRIX)),
    one((x) => variance(x, -1, { keepDims: true }), float([9, 1000])),
  ],
  where: [one((c, a, b) => where(c, a, b), bool(MATRIX), float(MATRIX), float([33]))],
};

/** Ways to call an op that cover its kernels; throws where an op that is not elementwise has none. */
export function casesOf(name: string): Case[] {
  if (SPECIAL[name]) return SPECIAL[name];
  return elementwise(name);
}

function elementwise(name: string): Case[] {
  const { op, call, arity } = functions.get(name)!;
  if (op.kind !== "map") throw new Error(`selfTest: there is no case for ${name}`);
  const operand = (shape: Shape) =>
    LOGICAL.has(name) ? bool(shape) : float(shape, ...(DOMAINS[name] ?? [-3, 3]));
  return SHAPES.map((shape) => {
    const operands = [operand(shape), operand(shape.slice(-1))].slice(0, arity);
    return { call: call as Case["call"], operands }; // one result, as elementwise ops have
  });
}
