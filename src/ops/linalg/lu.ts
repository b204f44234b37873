import shader from "../../../shaders/lu.wgsl?raw";
import { hostArray } from "../../base/dtype.ts";
import type { Settings } from "../../base/link.ts";
import { powerAbove } from "../../base/powers.ts";
import { sizeOf, type Shape } from "../../base/shape.ts";
import { apply, applyAll, constantOf, scalar, withOp } from "../../graph/build.ts";
import { copyOf, Matrix } from "../../graph/matrix.ts";
import type { OpKernel, Target } from "../../graph/offered-kernel.ts";
import type { ComplexArray, SeveralOp, Spec } from "../../graph/op.ts";
import { offered } from "../../graph/stages.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { abs, add, div, mul, neg, sub } from "../arithmetic.ts";
import { broadcastTo, sum } from "../broadcast.ts";
import { chooseOp } from "../choose.ts";
import { equal, greater, greaterEqual, isNaN, logicalAnd, where } from "../compare.ts";
import { gather, takeAlongAxis } from "../gather.ts";
import { iota } from "../iota.ts";
import { matmul } from "../matmul.ts";
import { expandDims, reshape } from "../movement.ts";
import { argMax } from "../reduce.ts";
import { floorDivide } from "../rounding.ts";
import { slice } from "../slice.ts";
import { checkSquare, transposed } from "./matrices.ts";
import { tril, triu } from "./triangle.ts";
import { triangularSolve } from "./triangular-solve.ts";

/** A matrix with its rows and columns in another order as a product LU, L with ones on its diagonal. */
export type Factors = readonly [
  /** L below the diagonal, U from it on: [..., n, n]. */
  packed: Tensor,
  /** Row i of LU is row rows[i] of the matrix; int32 [..., n]. */
  rows: Tensor,
  /** Column j of LU is column columns[j] of the matrix; int32 [..., n]. */
  columns: Tensor,
  /** The sign of both orders together: 1 or −1, int32 [...]. */
  sign: Tensor,
];

/**
 * By Gaussian elimination with complete pivoting (Golub, Van Loan: "Matrix Computations", 3.4.8): each pivot is the
 * largest element that is left, so that a matrix of rank r has r pivots and zeros after them. NaN is larger than any
 * number, and of equal ones the first in row-major order is taken. Below a pivot of 0, where nothing is left, L has zeros.
 */
const luOp: SeveralOp = {
  kind: "composite",
  several: true,
  name: "lu",
  infer([x]) {
    checkSquare("lu", x);
    const batch = x.shape.slice(0, -2);
    const order: Spec = { shape: x.shape.slice(0, -1), dtype: "int32" };
    return [{ shape: x.shape, dtype: x.dtype }, order, order, { shape: batch, dtype: "int32" }];
  },
  // P dX Q = dL U + L dU, so L⁻¹ P dX Q U⁻¹ = L⁻¹ dL + dU U⁻¹: what is below the diagonal is dL's, the rest dU's.
  derivative: {
    kind: "differential",
    differential([dx], _, [packed, rows, columns]) {
      const moved = takeColumns(takeRows(dx!, rows), columns);
      const left = triangularSolve(packed, moved, { unitDiagonal: true });
      const both = transposed(
        triangularSolve(packed, transposed(left), { upper: true, transpose: true }),
      );
      const below = tril(both, -1);
      const lower = add(below, matmul(tril(packed, -1), below));
      return [add(lower, matmul(triu(both), triu(packed))), null, null, null];
    },
  },
  kernel: ([{ shape }], _, __, target) => luKernel(shape, target),
  decompose([x]) {
    const [batch, n] = [x.shape.slice(0, -2), x.shape.at(-1)!];
    const count = sizeOf(batch);
    const start = broadcastTo(iota([n]), [count, n]);
    const sign = broadcastTo(scalar(1, "int32"), [count]);
    let factors: Factors = [reshape(x, [count, n, n]), start, start, sign];
    if (x.size > 0) for (let k = 0; k < n; k++) factors = eliminated(factors, k);
    const shapes = [x.shape, [...batch, n], [...batch, n], batch];
    return factors.map((y, i) => reshape(y, shapes[i]));
  },
  cpu(inputs, [{ shape }], _, results) {
    const [packed, ...orders] = factorsOf({ re: inputs[0], im: null }, shape.at(-1)!, results);
    return [packed.re, ...orders.map(({ re }) => re)];
  },
  complex: ([x], [{ shape }], _, results) => factorsOf(x, shape.at(-1)!, results),
  batch: ([x]) => applyAll(luOp, [x], {}),
};

/** Threads of a workgroup: as many as GPUs have busy at least, on CPUs as few as barriers make worth it. */
const THREADS = { hardware: 256, software: 32 };

/** Of a place among the pivots its row and its column have 16 bits each. */
const MOST_ROWS = 2 ** 16;

function luKernel(shape: Shape, { software, workgroupSize }: Target): OpKernel | null {
  const n = shape.at(-1)!;
  if (n > MOST_ROWS) return null;
  const most = Math.min(software ? THREADS.software : THREADS.hardware, workgroupSize);
  const across = Math.min(powerAbove(n), 16);
  const count = sizeOf(shape.slice(0, -2));
  const set: Settings = {
    N: n,
    COUNT: count,
    THREADS_X: across,
    THREADS_Y: Math.max(1, Math.min(powerAbove(n), most / across)),
  };
  return offered({
    inputs: ["x"],
    results: ["packed", "rows", "columns", "sign"],
    stages: [{ name: "lu", wgsl: shader, set, workgroups: count }],
  });
}

function factorsOf(x: ComplexArray, n: number, results: readonly Spec[]): ComplexArray[] {
  const packed = copyOf(x);
  const [rows, columns, signs] = results.slice(1).map((y) => hostArray(y.dtype, sizeOf(y.shape)));
  for (let b = 0; b < signs.length; b++) {
    const a = new Matrix(packed, b, n, n);
    const [row, column] = [rows, columns].map((order) => order.subarray(b * n, (b + 1) * n));
    for (let i = 0; i < n; i++) row[i] = column[i] = i;
    signs[b] = 1;
    for (let k = 0; k < n; k++) {
      const [p, q] = largestOf(a.re, n, k);
      a.swapRows(k, p);
      a.swapColumns(k, q);
      [row[k], row[p]] = [row[p], row[k]];
      [column[k], column[q]] = [column[q], column[k]];
      if ((p === k) !== (q === k)) signs[b] = -signs[b];
      const pivot = a.at(k, k);
      if (pivot.re === 0 && pivot.im === 0) continue;
      for (let i = k + 1; i < n; i++) {
        a.divideAt(i, k, pivot);
        a.subtract(i, a.at(i, k), k, k + 1);
      }
    }
  }
  return [packed, ...[rows, columns, signs].map((re) => ({ re, im: null }))];
}

/** Where the first of the largest elements from row and column k on is; NaN is larger than any number. */
function largestOf(a: ArrayLike<number>, n: number, k: number): [row: number, column: number] {
  let [row, column, largest] = [k, k, -1];
  for (let i = k; i < n; i++) {
    for (let j = k; j < n; j++) {
      const v = a[i * n + j];
      if (Number.isNaN(v)) return [i, j];
      if (Math.abs(v) <= largest) continue;
      [row, column, largest] = [i, j, Math.abs(v)];
    }
  }
  return [row, column];
}

/**
 * One step of the elimination, of all matrices [count, n, n] at once. Which one it is, is read from memory, so that all
 * steps share their kernels: it is there twice, since a single number would be written into the shaders.
 */
function eliminated([packed, rows, columns, sign]: Factors, k: number): Factors {
  const [count, n] = packed.shape;
  const twice = constantOf(Int32Array.of(k, k), { shape: [2], dtype: "int32" });
  const at = reshape(slice(twice, [0], [1]), []);
  const [i, j] = [iota([n, 1]), iota([n])];
  const left = logicalAnd(greaterEqual(i, at), greaterEqual(j, at));
  const sizes = where(left, where(isNaN(packed), Infinity, abs(packed)), -1);
  const largest = argMax(reshape(sizes, [count, n * n]), 1, { keepDims: true });
  const row = floorDivide(largest, n);
  const column = sub(largest, mul(row, n));
  // Place k and that of the pivot, [count, 1], exchanged.
  const exchanged = (p: Tensor) => where(equal(j, at), p, where(equal(j, p), at, j));
  const [rowOrder, columnOrder] = [exchanged(row), exchanged(column)];
  const moved = takeColumns(takeRows(packed, rowOrder), columnOrder);
  const pivotRow = gather(moved, at, 1);
  const pivot = gather(pivotRow, reshape(at, [1]), 1);
  const factors = where(equal(pivot, 0), 0, div(gather(moved, at, 2), pivot));
  const factor = expandDims(factors, 2);
  const rest = sub(moved, mul(factor, expandDims(pivotRow, 1)));
  const next = where(greater(j, at), rest, where(equal(j, at), factor, moved));
  const straight = equal(equal(row, at), equal(column, at));
  return [
    apply(chooseOp, [greater(i, at), next, moved], {}),
    takeAlongAxis(rows, rowOrder, 1),
    takeAlongAxis(columns, columnOrder, 1),
    where(reshape(straight, [count]), sign, neg(sign)),
  ];
}

/** Rows of matrices [..., n, m] in the order [..., n], the batch of which broadcasts. */
export function takeRows(x: Tensor, order: Tensor): Tensor {
  const shape = [...x.shape.slice(0, -2), order.shape.at(-1)!, x.shape.at(-1)!];
  return takeAlongAxis(x, broadcastTo(expandDims(order, -1), shape), -2);
}

/** The same for columns. */
const takeColumns = (x: Tensor, order: Tensor): Tensor =>
  takeAlongAxis(x, broadcastTo(expandDims(order, -2), x.shape), -1);

/** The order [..., n] that undoes another: i where that has j, at place j. */
export function inverted(order: Tensor): Tensor {
  const n = order.shape.at(-1)!;
  const places = iota([n, 1]);
  return sum(where(equal(expandDims(order, -1), iota([n])), places, 0), -2);
}

/** The factors of each square matrix. */
export const lu = withOp((x: Tensor): Factors => applyAll(luOp, [x], {}) as Factors, luOp);
