import type { Dtype } from "../../src/base/dtype.ts";
import type { Shape } from "../../src/base/shape.ts";
import { casesOf, type CaseOperand } from "../../src/check/cases.ts";
import { functions, ops } from "../../src/check/registry.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import * as ct from "../../src/index.ts";
import { randomOf } from "../graphs/agreement.ts";

// A row of the laws: an op on operands of certain shapes. Every op of the registry has some; those of elementwise ops,
// reductions and movements are on random shapes besides.

export interface Row {
  op: string;
  /** One of the cases of `selfTest`, which checks values and gradients of all of them on every device. */
  isCase?: true;
  operands: readonly CaseOperand[];
  call: (...xs: Tensor[]) => Tensor;
}

/**
 * A number that belongs to a name: what is drawn for an op does not depend on which other ops there are. (Near a zero of
 * lerp, logAddExp or sincDerivative, whose terms cancel, no kernel would be near enough; with 12 none is drawn there.)
 */
const hash = (name: string) =>
  Array.from(name).reduce((h, c) => (31 * h + c.charCodeAt(0)) % 1_000_003, 12);

/** Shapes that broadcast: ranks from 0 to 8, sizes 0 and 1, primes, multiples of 4 and not. */
const BROADCASTS: readonly (readonly Shape[])[] = [
  [[5, 3], [5, 3], [3]],
  [[7], [1], []],
  [[], [3], [2, 3]],
  [
    [2, 3, 4],
    [3, 1],
    [2, 1, 4],
  ],
  [
    [0, 3],
    [1, 3],
    [1, 1],
  ],
  [[1], [1], [1]],
  [
    [2, 1, 2, 1, 2, 1, 2, 1],
    [2, 1, 2, 1],
    [1, 2, 2, 1, 1, 2],
  ],
  [[13, 11], [11], [13, 1]],
  [
    [4, 1],
    [1, 6],
    [4, 6],
  ],
  [[17], [17], [17]],
  [[8, 4], [8, 4], [4]],
  [[1, 1], [], [4]],
];

/** Draws shapes and axes; begun anew for each op. */
let random = randomOf(1);
const below = (n: number) => Math.floor(random() * n);
const pick = <T>(list: readonly T[]): T => list[below(list.length)];

/** A shape of a given rank, with lengths that keep it small. */
function shapeOf(rank: number): Shape {
  const lengths = rank > 4 ? [1, 2, 3] : [1, 2, 3, 4, 5, 8, 13];
  return Array.from({ length: rank }, () => pick(lengths));
}

/** Elementwise ops: the ways to call them, on shapes that broadcast. */
function mapRows(op: string): Row[] {
  const index = hash(op);
  const cases = casesOf(op);
  const calls = cases.map((c) => c.call);
  return cases.flatMap(({ operands, call }, i) => {
    if (calls.indexOf(call) < i) return [];
    if (operands.length === 0) return [{ op, operands, call }];
    const shapes = BROADCASTS[(index + i) % BROADCASTS.length];
    return [{ op, operands: operands.map((o, k) => ({ ...o, shape: shapes[k] })), call }];
  });
}

type Reduce = (x: Tensor, axes: number[], options: { keepDims: boolean }) => Tensor;

/** Reductions over random axes of tensors of each rank. */
function reduceRows(op: string): Row[] {
  const [{ operands }] = casesOf(op);
  const call = functions.get(op)!.call as unknown as Reduce;
  return [0, 1, 2, 3, 8].map((rank) => {
    const shape = shapeOf(rank);
    const axes = shape.map((_, axis) => axis).filter(() => random() < 0.5);
    const keepDims = random() < 0.5;
    return {
      op,
      operands: [{ ...operands[0], shape }],
      call: (x) => call(x, axes, { keepDims }),
    };
  });
}

const float = (shape: Shape): CaseOperand => ({ shape, dtype: "float32", low: -3, high: 3 });
const index = (shape: Shape, n: number): CaseOperand => ({
  shape,
  dtype: "int32",
  low: 0,
  high: n,
});

/** Movements and products on random shapes and with random parameters. */
const others: Record<
  string,
  () => Row["operands"] extends infer O ? { operands: O; call: Row["call"] } : never
> = {
  reshape() {
    const shape = shapeOf(3);
    return { operands: [float(shape)], call: (x) => ct.reshape(x, [shape[1], -1, 1]) };
  },
  transpose() {
    const order = [0, 1, 2, 3, 4].toSorted(() => random() - 0.5);
    return { operands: [float(shapeOf(5))], call: (x) => ct.transpose(x, order) };
  },
  flip() {
    const operands = [float(shapeOf(4))];
    const axes = [0, below(3) + 1];
    return { operands, call: (x) => ct.flip(x, axes) };
  },
  slice() {
    const [a, b] = [below(3), below(4)];
    return {
      operands: [float([5, 13, 3])],
      call: (x) => ct.slice(x, [a, b], [-1, 12], [1 + (a % 2), 1 + (b % 3)]),
    };
  },
  pad() {
    const widths = [0, 1, 2].map(() => [below(3), below(3)]);
    return { operands: [float(shapeOf(3))], call: (x) => ct.pad(x, widths, 1.5) };
  },
  broadcastTo: () => ({
    operands: [float([3, 1, 2])],
    call: (x) => ct.broadcastTo(x, [2, 3, 5, 2]),
  }),
  concat() {
    const [m, n, k] = [1 + below(4), below(3), 1 + below(5)];
    const call = (...xs: Tensor[]) => ct.concat(xs, -1);
    return { operands: [float([3, m]), float([3, n]), float([3, k])], call };
  },
  gather() {
    const axis = below(3);
    const shape = shapeOf(3);
    const operands = [float(shape), index(pick([[4], [2, 3], [], [0]]), shape[axis])];
    return { operands, call: (x, i) => ct.gather(x, i, axis) };
  },
  takeAlongAxis() {
    const axis = below(2);
    const shape = [4, 5];
    const places = shape.map((n, a) => (a === axis ? 3 : n - below(2)));
    const operands = [float(shape), index(places, shape[axis])];
    return { operands, call: (x, i) => ct.takeAlongAxis(x, i, axis) };
  },
  scatterAdd() {
    const axis = below(3);
    const shape = shapeOf(3);
    const places = pick<Shape>([[4], [2, 3], [], [0]]);
    const updates = [...shape.slice(0, axis), ...places, ...shape.slice(axis + 1)];
    const operands = [float(shape), index(places, shape[axis]), float(updates)];
    return { operands, call: (x, i, u) => ct.scatterAdd(x, i, u, axis) };
  },
  scatterAddAlongAxis() {
    const axis = below(2);
    const shape = [4, 5];
    const places = shape.map((n, a) => (a === axis ? 6 : n - below(2)));
    const operands = [float(shape), index(places, shape[axis]), float(places)];
    return { operands, call: (x, i, u) => ct.scatterAddAlongAxis(x, i, u, axis) };
  },
  matmul() {
    const [m, n, k] = [1 + below(9), 1 + below(9), 1 + below(9)];
    const [transposeA, transposeB] = [random() < 0.5, random() < 0.5];
    const [a, b] = pick<[number[], number[]]>([
      [[], []],
      [[2], []],
      [[2, 1], [3]],
      [
        [1, 3],
        [2, 3],
      ],
    ]);
    const operands = [
      float([...a, ...(transposeA ? [k, m] : [m, k])]),
      float([...b, ...(transposeB ? [n, k] : [k, n])]),
    ];
    return { operands, call: (x, y) => ct.matmul(x, y, { transposeA, transposeB }) };
  },
  softmax: () => rowsOf((x, axis) => ct.softmax(x, axis)),
  logSoftmax: () => rowsOf((x, axis) => ct.logSoftmax(x, axis)),
  logSumExp: () => rowsOf((x, axis) => ct.logSumExp(x, axis)),
  norm: () => rowsOf((x, axis) => ct.norm(x, axis)),
  layerNorm: () => rowsOf((x, axis) => ct.layerNorm(x, axis, { epsilon: 0.1 })),
};

function rowsOf(f: (x: Tensor, axis: number) => Tensor) {
  const shape = shapeOf(3);
  const axis = below(3);
  return { operands: [float(shape)], call: (x: Tensor) => f(x, axis) };
}

/** Tensors of no elements, and rows of none. */
const empty: Record<string, Row["call"]> = {
  sum: (x) => ct.sum(x, 0),
  prod: (x) => ct.prod(x, 0),
  max: (x) => ct.max(x, 1),
  argMax: (x) => ct.argMax(x, 1),
  reshape: (x) => ct.reshape(x, [3, 0]),
  transpose: (x) => ct.transpose(x),
  pad: (x) =>
    ct.pad(x, [
      [1, 1],
      [0, 1],
    ]),
  matmul: (x) => ct.matmul(x, x, { transposeA: true }),
  softmax: (x) => ct.softmax(x, 1),
  "softmax of nothing": (x) => ct.softmax(x, 0),
  "logSoftmax of nothing": (x) => ct.logSoftmax(x, 0),
  logSumExp: (x) => ct.logSumExp(x, 1),
  "layerNorm of nothing": (x) => ct.layerNorm(x, 0),
  tile: (x) => ct.tile(x, [2, 2]),
};

/** Functions that are made of several ops and have no record of their own. */
const functionsOfSeveral: Record<string, { operands: CaseOperand[]; call: Row["call"] }> = {
  mean: { operands: [float([3, 5, 4])], call: (x) => ct.mean(x, [0, 2]) },
  variance: { operands: [float([6, 5])], call: (x) => ct.variance(x, 1, { correction: 1 }) },
  std: { operands: [float([7])], call: (x) => ct.std(x) },
  "norm of order 1": { operands: [float([4, 7])], call: (x) => ct.norm(x, 0, { order: 1 }) },
  tile: { operands: [float([2, 3])], call: (x) => ct.tile(x, [3, 1, 2]) },
  stack: { operands: [float([2, 3]), float([2, 3])], call: (a, b) => ct.stack([a, b], -1) },
  split: { operands: [float([7, 2])], call: (x) => ct.split(x, [3, 4])[1] },
  squeeze: { operands: [float([1, 3, 1])], call: (x) => ct.squeeze(x) },
  expandDims: { operands: [float([3, 2])], call: (x) => ct.expandDims(x, 1) },
  diagonal: { operands: [float([2, 3, 5])], call: (x) => ct.diagonal(x, 1) },
  diag: { operands: [float([2, 4])], call: (x) => ct.diag(x, -2) },
  trace: { operands: [float([3, 4, 4])], call: (x) => ct.trace(x) },
  tril: { operands: [float([2, 4, 5])], call: (x) => ct.tril(x, -1) },
  triu: { operands: [float([5, 4])], call: (x) => ct.triu(x, 1) },
  inner: { operands: [float([3, 5]), float([3, 5])], call: (a, b) => ct.inner(a, b) },
  outer: { operands: [float([2, 1, 5]), float([3, 4])], call: (a, b) => ct.outer(a, b) },
  kron: { operands: [float([2, 3, 2]), float([2, 5])], call: (a, b) => ct.kron(a, b) },
  "einsum of two": {
    operands: [float([2, 3, 4]), float([4, 2, 5])],
    call: (a, b) => ct.einsum("bij,jbk->kbi", a, b),
  },
  "einsum of three": {
    operands: [float([4]), float([4, 4, 3]), float([3, 2])],
    call: (a, b, c) => ct.einsum("i,iij,jk->k", a, b, c),
  },
  oneHot: { operands: [index([4, 3], 5)], call: (i) => ct.oneHot(i, 5) },
};

/** Rows of all kinds for every op. */
export const rows: readonly Row[] = [
  ...ops.flatMap(({ name, kind }): Row[] => {
    random = randomOf(hash(name));
    if (kind === "map") return mapRows(name);
    const more = others[name] ? [others[name](), others[name]()] : [];
    return [
      ...casesOf(name).flatMap((c) => (c.isLarge ? [] : [{ op: name, isCase: true, ...c }])),
      ...(kind === "reduce" ? reduceRows(name) : []),
      ...more.map((row) => ({ op: name, ...row })),
    ];
  }),
  ...Object.entries(empty).map(([op, call]) => ({ op, operands: [float([0, 3])], call })),
  ...Object.entries(functionsOfSeveral).map(([op, row]) => ({ op, ...row })),
];

/** What the data of each row is drawn with: its op and its place among the op's rows. */
export const seeds: ReadonlyMap<Row, number> = new Map(
  rows.map((row, i) => {
    const before = rows.slice(0, i).filter(({ op }) => op === row.op);
    return [row, hash(row.op) + before.length];
  }),
);

/** Numbers from an operand's range, float32 ones where they are floats, the same for the same row. */
export function dataOf({ shape, dtype, low, high }: CaseOperand, seed: number) {
  const draw = randomOf(seed + 1);
  const size = shape.reduce((n, d) => n * d, 1);
  const values = Array.from({ length: size }, () => low + draw() * (high - low));
  return ARRAYS[dtype](values);
}

const ARRAYS: Record<
  Dtype,
  (values: number[]) => Float64Array | Int32Array | Uint32Array | Uint8Array
> = {
  float32: (values) => Float64Array.from(values, Math.fround),
  int32: (values) => Int32Array.from(values, Math.floor),
  uint32: (values) => Uint32Array.from(values, Math.floor),
  bool: (values) => Uint8Array.from(values, Math.floor),
};
