import * as checkpoints from "../autodiff/checkpoint.ts";
import * as customGradients from "../autodiff/custom-gradient.ts";
import type { Op, Rules } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as activations from "../ops/activations.ts";
import * as arithmetic from "../ops/arithmetic.ts";
import * as broadcast from "../ops/broadcast.ts";
import * as casts from "../ops/cast.ts";
import * as compare from "../ops/compare.ts";
import * as concat from "../ops/concat.ts";
import * as convolution from "../ops/convolution.ts";
import * as cosineSimilarity from "../ops/cosine-similarity.ts";
import * as crossEntropy from "../ops/cross-entropy.ts";
import * as cumulative from "../ops/cumulative.ts";
import * as exponential from "../ops/exponential.ts";
import * as gather from "../ops/gather.ts";
import * as iota from "../ops/iota.ts";
import * as choleskyFactors from "../ops/linalg/cholesky.ts";
import * as cofactors from "../ops/linalg/cofactor.ts";
import * as determinants from "../ops/linalg/det.ts";
import * as inverses from "../ops/linalg/inverse.ts";
import * as luFactors from "../ops/linalg/lu.ts";
import * as solving from "../ops/linalg/solve.ts";
import * as triangularSolving from "../ops/linalg/triangular-solve.ts";
import * as matmul from "../ops/matmul.ts";
import * as moments from "../ops/moments.ts";
import * as movement from "../ops/movement.ts";
import * as norm from "../ops/norm.ts";
import * as random from "../random/draws.ts";
import * as reduce from "../ops/reduce.ts";
import * as rounding from "../ops/rounding.ts";
import * as slice from "../ops/slice.ts";
import * as softmax from "../ops/softmax.ts";
import * as sorting from "../ops/sort.ts";
import * as statistics from "../ops/statistics.ts";
import * as stopGradients from "../ops/stop-gradient.ts";
import * as trigonometric from "../ops/trigonometric.ts";

const modules: Record<string, unknown>[] = [
  activations,
  arithmetic,
  broadcast,
  casts,
  choleskyFactors,
  cofactors,
  compare,
  checkpoints,
  concat,
  convolution,
  cosineSimilarity,
  crossEntropy,
  cumulative,
  customGradients,
  determinants,
  exponential,
  gather,
  inverses,
  iota,
  luFactors,
  matmul,
  moments,
  movement,
  norm,
  random,
  reduce,
  rounding,
  slice,
  softmax,
  solving,
  sorting,
  statistics,
  stopGradients,
  triangularSolving,
  trigonometric,
];

/** A function of the library that stands for an op. */
interface OpFunction {
  op: Op;
  call: (...xs: Tensor[]) => Tensor | readonly Tensor[];
  /** How many tensors it takes, if they are all that it must be given. */
  arity: number;
}

const hasOp = (f: unknown): f is OpFunction["call"] & { op: Op } =>
  typeof f === "function" && "op" in f;

/** The function for each op, by the op's name. */
export const functions: ReadonlyMap<string, OpFunction> = new Map(
  modules
    .flatMap((module) => Object.values(module))
    .filter(hasOp)
    .map((f) => [f.op.name, { op: f.op, call: f, arity: Math.max(1, f.length) }]),
);

/** An op as the registry lists it. */
export interface OpInfo {
  /** As it is called. */
  name: string;
  /** What the compiler takes it for. */
  kind: Op["kind"];
  /** How it is differentiated; "none": it has no derivative. */
  differentiated: Rules["derivative"]["kind"];
}

/** All ops, by name. */
export const ops: readonly OpInfo[] = [...functions.values()]
  .map(({ op }): OpInfo => ({
    name: op.name,
    kind: op.kind,
    differentiated: op.derivative.kind,
  }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
