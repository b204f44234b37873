import fc from "fast-check";
import * as ct from "../../src/index.ts";
import type { Dtype, Tensor } from "../../src/index.ts";
import { identity } from "../../src/graph/identity.ts";

// Random programs as plain data, so that they print and shrink: a list of steps, each of which applies an op to values
// made before. Where an op doesn't apply to what is there, its step is skipped.

/** One step: which op, the values that it is applied to (counted from the newest), and its parameters. */
export interface Step {
  op: number;
  args: number[];
  params: number[];
}

/** A random program. */
export interface Graph {
  /** Index into SHAPES and seed of the numbers, for each argument and each variable. */
  inputs: { shape: number; seed: number }[];
  variables: { shape: number; seed: number }[];
  steps: Step[];
  /** Values that are returned, counted from the newest. */
  outputs: number[];
  /** Whether the gradients of a scalar made of the outputs are returned as well. */
  gradients: boolean;
  mode: "compiled" | "eager" | "repeat";
}

export const SHAPES: readonly (readonly number[])[] = [
  [4],
  [3, 4],
  [],
  [1],
  [2, 3],
  [5, 8],
  [2, 3, 4],
  [7],
  [1, 4],
  [3, 1],
  [4, 4],
  [300],
  [2, 260],
  [16, 20],
  [2, 1, 3, 4],
  [0, 3],
  [1, 2, 1, 2, 1, 2],
  [64],
];

/** What a step may use besides its operand. */
interface Context {
  /** Another value for which something holds. */
  find(which: number, fits: (x: Tensor) => boolean): Tensor | null;
  param(i: number, below: number): number;
  variables: readonly ct.Variable[];
}

type Maker = (x: Tensor, context: Context) => Tensor | null;

const isFloat = (x: Tensor) => x.dtype === "float32";
const isNumber = (x: Tensor) => x.dtype !== "bool";

const floatMap =
  (f: (x: Tensor) => Tensor): Maker =>
  (x) =>
    isFloat(x) ? f(x) : null;

function broadcasts(a: Tensor, b: Tensor): boolean {
  const rank = Math.min(a.rank, b.rank);
  for (let i = 1; i <= rank; i++) {
    const [m, n] = [a.shape.at(-i), b.shape.at(-i)];
    if (m !== n && m !== 1 && n !== 1) return false;
  }
  return true;
}

/** Two values of equal dtype that broadcast. */
const pairMap =
  (f: (a: Tensor, b: Tensor) => Tensor, takes: (x: Tensor) => boolean): Maker =>
  (a, { find }) => {
    if (!takes(a)) return null;
    const b = find(1, (y) => y.dtype === a.dtype && broadcasts(a, y));
    return b && f(a, b);
  };

/** Some of the axes of x. */
function axesOf(x: Tensor, { param }: Context): number[] {
  const mask = param(0, 2 ** x.rank);
  return x.shape.flatMap((_, axis) => ((mask >> axis) & 1 ? [axis] : []));
}

const reduction =
  (
    f: (x: Tensor, axes: number[], options: { keepDims: boolean }) => Tensor,
    takes: (x: Tensor) => boolean,
  ): Maker =>
  (x, context) => {
    const axes = axesOf(x, context);
    if (!takes(x) || x.size === 0) return null;
    return f(x, axes, { keepDims: context.param(1, 2) === 1 });
  };

const movement =
  (f: (x: Tensor, axis: number, context: Context) => Tensor): Maker =>
  (x, context) =>
    x.rank === 0 ? null : f(x, context.param(0, x.rank), context);

/** 1s, but for one axis. */
const along = (x: Tensor, axis: number, value: number, other = 1) =>
  x.shape.map((_, a) => (a === axis ? value : other));

const smooth = (x: Tensor) => ct.tanh(x).mul(1.5);

/** Indices of a shape below n, made on the device. */
const indices = (shape: readonly number[], n: number, from: number) =>
  ct.remainder(
    ct
      .iota(shape)
      .mul(from + 1)
      .add(from),
    n,
  );

const makers: Record<string, Maker> = {
  neg: (x) => (isNumber(x) ? ct.neg(x) : null),
  abs: (x) => (x.dtype === "float32" || x.dtype === "int32" ? ct.abs(x) : null),
  tanh: floatMap(ct.tanh),
  exp: floatMap((x) => ct.exp(smooth(x))),
  relu: floatMap(ct.relu),
  square: floatMap((x) => ct.square(smooth(x))),
  sigmoid: floatMap(ct.sigmoid),
  gelu: floatMap((x) => ct.gelu(x)),
  sqrt: floatMap((x) => ct.sqrt(ct.abs(x).add(0.1))),
  log: floatMap((x) => ct.log(ct.square(x).add(1))),
  sin: floatMap(ct.sin),
  sign: floatMap(ct.sign),
  clip: floatMap((x) => ct.clip(x, -0.5, 1)),
  addOne: (x) => (isNumber(x) ? ct.add(x, 1) : null),
  half: floatMap((x) => ct.mul(x, 0.5)),
  add: pairMap(ct.add, isNumber),
  sub: pairMap(ct.sub, isNumber),
  mul: pairMap((a, b) => (isFloat(a) ? ct.mul(smooth(a), b) : ct.mul(a, b)), isNumber),
  div: pairMap((a, b) => ct.div(a, ct.square(b).add(1)), isFloat),
  maximum: pairMap(ct.maximum, isNumber),
  minimum: pairMap(ct.minimum, isNumber),
  hypot: pairMap((a, b) => ct.hypot(a, b), isFloat),
  floorDivide: pairMap(ct.floorDivide, (x) => x.dtype === "int32"),
  remainder: pairMap(ct.remainder, (x) => x.dtype === "int32"),
  greater: pairMap(ct.greater, isNumber),
  equal: pairMap(ct.equal, () => true),
  logicalXor: pairMap(ct.logicalXor, (x) => x.dtype === "bool"),
  logicalNot: (x) => (x.dtype === "bool" ? ct.logicalNot(x) : null),
  where: (a, { find, param }) => {
    const b = find(1, (y) => y.dtype === a.dtype && broadcasts(a, y));
    const c = b && find(2, (y) => y.dtype === "bool" && broadcasts(y, a) && broadcasts(y, b));
    if (b && c) return ct.where(c, a, b);
    return isFloat(a) ? ct.where(ct.greater(a, 0.2), a, param(0, 3)) : null;
  },
  lerp: pairMap((a, b) => ct.lerp(a, b, 0.25), isFloat),
  cast: (x, { param }) => {
    const to: Dtype = (["float32", "int32", "bool", "uint32"] as const)[param(0, 4)];
    const clipped = isFloat(x) ? ct.clip(x, to === "uint32" ? 0 : -9, 9) : x;
    return ct.cast(clipped, to);
  },
  sum: reduction(ct.sum, isNumber),
  mean: reduction(ct.mean, isFloat),
  max: reduction(ct.max, isNumber),
  min: reduction(ct.min, isNumber),
  prod: reduction((x, axes, options) => ct.prod(ct.clip(x, -1.1, 1.1), axes, options), isFloat),
  variance: reduction(ct.variance, isFloat),
  logSumExp: reduction(ct.logSumExp, isFloat),
  norm: reduction(ct.norm, isFloat),
  argMax: reduction(ct.argMax, isNumber),
  argMin: reduction(ct.argMin, isNumber),
  any: reduction(ct.any, (x) => x.dtype === "bool"),
  all: reduction(ct.all, (x) => x.dtype === "bool"),
  flatten: (x) => ct.reshape(x, [-1]),
  reshape: (x, { param }) => {
    const divisors = Array.from({ length: x.size }, (_, i) => i + 1).filter(
      (n) => x.size % n === 0,
    );
    const n = divisors.length > 0 ? divisors[param(0, divisors.length)] : 1;
    return x.size > 0
      ? ct.reshape(x, param(1, 2) === 0 ? [n, x.size / n] : [1, x.size / n, n])
      : null;
  },
  transpose: (x, { param }) => {
    const order = x.shape.map((_, axis) => axis);
    for (let i = order.length - 1; i > 0; i--) {
      const j = param(i % 4, i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return ct.transpose(x, order);
  },
  expandDims: (x, { param }) => (x.rank < 8 ? ct.expandDims(x, param(0, x.rank + 1)) : null),
  squeeze: (x) => ct.squeeze(x),
  flip: movement((x, axis, { param }) => ct.flip(x, param(1, 3) === 0 ? undefined : [axis])),
  slice: movement((x, axis, { param }) => {
    const n = x.shape[axis];
    const start = param(1, Math.max(1, n));
    const ends = x.shape.map((m, a) => (a === axis ? start + 1 + param(2, n + 1) : m));
    return ct.slice(x, along(x, axis, start, 0), ends, along(x, axis, 1 + param(3, 3)));
  }),
  /** What lies at the places of a smaller tensor: places are equal here that belong to tensors of different sizes. */
  first: (x, { param }) =>
    x.rank > 0
      ? ct.slice(x, along(x, 0, 0, 0), [1 + param(0, x.shape[0] + 1), ...x.shape.slice(1)])
      : null,
  pad: movement((x, axis, { param }) => {
    const value = isFloat(x) ? [0, 1.5, -2][param(3, 3)] : 0;
    return ct.pad(
      x,
      x.shape.map((_, a) => (a === axis ? [param(1, 3), param(2, 3)] : [0, param(2, 2)])),
      value,
    );
  }),
  tile: movement((x, axis, { param }) => ct.tile(x, along(x, axis, 1 + param(1, 3)))),
  broadcastTo: (x, { param }) => {
    if (x.rank >= 8) return null;
    const grown = x.shape.map((n, a) => (n === 1 && a === 0 ? 1 + param(1, 3) : n));
    return ct.broadcastTo(x, [1 + param(0, 3), ...grown]);
  },
  concat: movement((x, axis, { find }) => {
    const other = find(
      1,
      (y) =>
        y.dtype === x.dtype &&
        y.rank === x.rank &&
        y.shape.every((n, a) => a === axis || n === x.shape[a]),
    );
    return ct.concat([x, other ?? x, x], axis);
  }),
  stack: (x, { find, param }) => {
    const same = (y: Tensor) => y.dtype === x.dtype && String(y.shape) === String(x.shape);
    return x.rank < 8 ? ct.stack([x, find(1, same)!], param(0, x.rank + 1)) : null;
  },
  split: movement((x, axis, { param }) => {
    const n = x.shape[axis];
    const at = param(1, n + 1);
    return ct.split(x, [at, n - at], axis)[param(2, 2)];
  }),
  gather: movement((x, axis, { param }) =>
    x.shape[axis] === 0
      ? x
      : ct.gather(x, indices(param(1, 2) === 0 ? [3] : [2, 2], x.shape[axis], param(2, 5)), axis),
  ),
  gatherByValue: movement((x, axis, { find, param }) => {
    const n = x.shape[axis];
    const places = find(1, (y) => y.dtype === "int32" && y.rank + x.rank <= 8 && y.size <= 16);
    if (n === 0) return x;
    return ct.gather(x, places ? ct.remainder(places, n) : indices([param(1, 3)], n, 2), axis);
  }),
  takeAlongAxis: movement((x, axis, { param }) => {
    const n = x.shape[axis];
    if (n === 0) return x;
    const shape = x.shape.map((m, a) => (a === axis ? 1 + param(1, 4) : m));
    return ct.takeAlongAxis(x, indices(shape, n, param(2, 7)), axis);
  }),
  scatterAdd: movement((x, axis, { param }) => {
    const n = x.shape[axis];
    if (n === 0 || !isNumber(x)) return x;
    const places = indices([param(1, 5)], n, param(2, 5));
    return ct.scatterAdd(x, places, ct.gather(x, indices([places.size], n, 3), axis), axis);
  }),
  scatterAddAlongAxis: movement((x, axis, { param }) => {
    const n = x.shape[axis];
    if (n === 0 || !isNumber(x)) return x;
    const places = indices(x.shape, n, param(1, 7));
    return ct.scatterAddAlongAxis(x, places, x, axis);
  }),
  oneHot: (x, { param }) =>
    x.dtype === "int32" && x.rank < 8 ? ct.oneHot(ct.clip(x, 0, 5), 3 + param(0, 3)) : null,
  matmul: (a, { find, param }) => {
    const [transposeA, transposeB] = [param(0, 2) === 1, param(1, 2) === 1];
    if (!isFloat(a) || a.rank === 0) return null;
    const k = transposeA && a.rank > 1 ? a.shape.at(-2) : a.shape.at(-1);
    const fits = (b: Tensor) =>
      isFloat(b) &&
      b.rank > 0 &&
      (b.rank === 1 || transposeB ? b.shape.at(-1) : b.shape.at(-2)) === k &&
      batchesBroadcast(a, b);
    const b = find(1, fits);
    return b && ct.matmul(smooth(a), b, { transposeA, transposeB }).mul(0.5);
  },
  /** A product of parts of one matrix: reversed, with zeros around, or without its first row. */
  ofParts: (a, { param }) => {
    if (!isFloat(a) || a.rank < 2) return null;
    const part = (kind: number) => {
      if (kind === 0) return ct.flip(a, [-1]);
      const rows = a.shape.map((_, axis) => (axis === a.rank - 2 ? 1 : 0));
      return kind === 1
        ? ct.pad(
            a,
            rows.map((n) => [n, 2 * n]),
          )
        : ct.slice(a, rows);
    };
    return ct.matmul(part(param(0, 3)), part(param(1, 3)), { transposeB: true }).mul(0.1);
  },
  conv: (x, { param }) => {
    if (!isFloat(x) || x.size === 0) return null;
    const rows = ct.reshape(x, [-1, 1, x.shape.at(-1) ?? 1]);
    const kernel = ct.slice(rows, [0, 0, 0], [2, 1, 1 + param(0, 3)]);
    const geometry = { stride: 1 + param(1, 2), padding: param(2, 3) };
    return ct.conv1d(rows, smooth(kernel), geometry).mul(0.5);
  },
  diagonal: (x, { param }) => (x.rank > 1 ? ct.diagonal(x, param(0, 5) - 2) : null),
  diag: (x, { param }) =>
    x.rank > 0 && x.rank < 8 && x.shape.at(-1)! < 20 ? ct.diag(x, param(0, 5) - 2) : null,
  triangle: (x, { param }) =>
    x.rank > 1 ? (param(0, 2) === 0 ? ct.tril : ct.triu)(x, param(1, 5) - 2) : null,
  kron: (x, { find }) => {
    const small = (y: Tensor) => y.dtype === x.dtype && y.rank < 3 && y.size < 30;
    const y = small(x) && isNumber(x) ? find(1, small) : null;
    return y && ct.kron(y, isFloat(x) ? smooth(x) : ct.clip(x, x.dtype === "uint32" ? 0 : -2, 2));
  },
  /** A function of square matrices far from singular, made of what there is. */
  linalg: (x, { param }) => {
    if (!isFloat(x) || x.rank < 1 || x.size === 0 || x.shape.at(-1)! > 8) return null;
    const rows = smooth(x);
    const gram = ct.einsum("...i,...j->...ij", rows, rows).mul(0.1);
    const a = ct.add(gram, ct.mul(ct.eye(x.shape.at(-1)!), 2));
    if (a.rank > 8) return null;
    return [
      () => ct.inverse(a),
      () => ct.det(a).mul(0.01),
      () => ct.logDet(a)[1],
      () => ct.solve(a, ct.expandDims(rows, -1)),
      () => ct.cholesky(a),
      () => ct.triangularSolve(a, gram, { upper: param(1, 2) === 1 }),
    ][param(0, 6)]();
  },
  gram: (a) => (isFloat(a) && a.rank > 1 ? ct.matmul(a, a, { transposeB: true }).mul(0.1) : null),
  softmax: movement((x, axis) => (isFloat(x) && x.size > 0 ? ct.softmax(x, axis) : x)),
  logSoftmax: movement((x, axis) => (isFloat(x) && x.size > 0 ? ct.logSoftmax(x, axis) : x)),
  layerNorm: movement((x, axis, { param }) =>
    isFloat(x) && x.size > 0
      ? ct.layerNorm(x, param(1, 2) === 0 ? axis : undefined, { epsilon: 0.1 })
      : x,
  ),
  crossEntropy: (x) =>
    isFloat(x) && x.rank > 1 && x.size > 0
      ? ct.crossEntropy(x, ct.remainder(ct.iota(x.shape.slice(0, -1)), x.shape.at(-1)!))
      : null,
  sort: movement((x, axis, { param }) =>
    isNumber(x) ? ct.sort(x, axis, { descending: param(1, 2) === 1 }) : x,
  ),
  topK: movement((x, axis, { param }) => {
    if (!isNumber(x)) return x;
    const k = Math.min(x.shape[axis], 1 + param(1, 4));
    return ct.topK(x, k, { axis, largest: param(2, 2) === 1 })[0];
  }),
  cumSum: movement((x, axis, { param }) =>
    isNumber(x)
      ? ct.cumSum(x, axis, { exclusive: param(1, 2) === 1, reverse: param(2, 2) === 1 })
      : x,
  ),
  cumProd: movement((x, axis, { param }) =>
    isFloat(x)
      ? ct.cumProd(ct.clip(x, -1.1, 1.1), axis, {
          exclusive: param(1, 2) === 1,
          reverse: param(2, 2) === 1,
        })
      : x,
  ),
  stopGradient: (x) => ct.stopGradient(x),
  customGradient: floatMap(
    ct.customGradient((x: Tensor) => ({
      value: ct.tanh(x),
      gradient: (g) => [ct.mul(g, ct.sigmoid(x))],
    })),
  ),
  /** Gives a variable the value, or one of its shape that depends on it. */
  assign: (x, { variables, param }) => {
    const v = variables[param(0, Math.max(1, variables.length))];
    if (!v || !isFloat(x) || x.size === 0) return null;
    const same = String(v.shape) === String(x.shape);
    v.assign(same ? x : ct.add(v.mul(0.5), smooth(ct.mean(x))));
    return identity(v);
  },
  accumulate: (_, { variables, param }) => {
    const v = variables[param(0, Math.max(1, variables.length))];
    v?.assign(ct.mul(v, 0.9).add(0.1));
    return null;
  },
  swap: (_, { variables, param }) => {
    const v = variables[param(0, Math.max(1, variables.length))];
    const w = variables.find((u) => u !== v && String(u.shape) === String(v?.shape));
    if (!v || !w) return null;
    const [a, b] = [identity(v), identity(w)];
    v.assign(b);
    w.assign(a);
    return a;
  },
  read: (_, { variables, param }) => {
    const v = variables[param(0, Math.max(1, variables.length))];
    return v ? identity(v) : null;
  },
};

function batchesBroadcast(a: Tensor, b: Tensor): boolean {
  const [m, n] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const rank = Math.min(m.length, n.length);
  for (let i = 1; i <= rank; i++) {
    const [p, q] = [m.at(-i), n.at(-i)];
    if (p !== q && p !== 1 && q !== 1) return false;
  }
  return true;
}

const names = Object.keys(makers);

/** The largest value that a graph may make, and the most axes it may have. */
const LARGEST = 2048;
const HIGHEST = 7;

/** Runs a program: what it returns, by name. Assigns to the variables on its way. */
export function build(
  { steps, outputs, gradients }: Graph,
  inputs: readonly Tensor[],
  variables: readonly ct.Variable[],
): Record<string, Tensor> {
  const pool: Tensor[] = [...inputs, ...variables.map((v) => identity(v))];
  const sources = [...pool];
  for (const { op, args, params } of steps) {
    if (pool.length === 0) break;
    const at = (i: number) => pool[pool.length - 1 - (args[i] % pool.length)];
    const context: Context = {
      find: (which, fits) => {
        for (let i = 0; i < pool.length; i++) {
          const x = pool[(pool.length - 1 - (args[which] % pool.length) + i) % pool.length];
          if (fits(x)) return x;
        }
        return null;
      },
      param: (i, below) => params[i % params.length] % below,
      variables,
    };
    const y = makers[names[op % names.length]](at(0), context);
    if (y && y.size <= LARGEST && y.rank <= HIGHEST) pool.push(y);
  }
  const results: Record<string, Tensor> = {};
  outputs.forEach((o, i) => (results[`y${i}`] = pool[pool.length - 1 - (o % pool.length)]));
  if (gradients) Object.assign(results, gradientsOf(Object.values(results), sources));
  return results;
}

/** Gradients of a sum of all float outputs, each with other weights, by all float sources. */
function gradientsOf(outputs: Tensor[], sources: Tensor[]): Record<string, Tensor> {
  const terms = outputs
    .filter((y) => isFloat(y) && y.size > 0)
    .map((y) => ct.sum(ct.mul(y, ct.cast(ct.iota(y.shape), "float32").mul(0.1).add(0.7).cos())));
  if (terms.length === 0) return {};
  const loss = terms.reduce((a, b) => ct.add(a, b));
  const results: Record<string, Tensor> = {};
  sources.filter(isFloat).forEach((x, i) => {
    try {
      [results[`g${i}`]] = ct.gradients(loss, [x]);
    } catch (error) {
      if (!(error instanceof ct.GradientError)) throw error;
    }
  });
  return results;
}

/** The names of the ops that a program asks for, for messages. */
export const opsIn = ({ steps }: Graph) => steps.map(({ op }) => names[op % names.length]);

const leaf = fc.record({ shape: fc.nat(SHAPES.length - 1), seed: fc.nat(99) });

export const graphs: fc.Arbitrary<Graph> = fc.record({
  inputs: fc.array(leaf, { minLength: 1, maxLength: 3 }),
  variables: fc.array(leaf, { maxLength: 3 }),
  steps: fc.array(
    fc.record({
      op: fc.nat(names.length - 1),
      args: fc.array(fc.nat(7), { minLength: 3, maxLength: 3 }),
      params: fc.array(fc.nat(999), { minLength: 4, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 14, size: "max" },
  ),
  outputs: fc.array(fc.nat(7), { minLength: 1, maxLength: 4 }),
  gradients: fc.boolean(),
  mode: fc.constantFrom("compiled", "eager", "repeat"),
});
