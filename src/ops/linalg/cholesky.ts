import shader from "../../../shaders/cholesky.wgsl?raw";
import type { Settings } from "../../base/link.ts";
import { sizeOf, type Shape } from "../../base/shape.ts";
import { apply, constantOf, withOp } from "../../graph/build.ts";
import { Matrix } from "../../graph/matrix.ts";
import type { OpKernel, Target } from "../../graph/offered-kernel.ts";
import type { ComplexArray, CompositeOp, Spec } from "../../graph/op.ts";
import { offered } from "../../graph/stages.ts";
import { checkTensor, type Tensor } from "../../graph/tensor.ts";
import { add, div, mul, sqrt, sub } from "../arithmetic.ts";
import { chooseOp } from "../choose.ts";
import { concat } from "../concat.ts";
import { equal, greater, greaterEqual, where } from "../compare.ts";
import { gather } from "../gather.ts";
import { iota } from "../iota.ts";
import { matmul } from "../matmul.ts";
import { expandDims, reshape } from "../movement.ts";
import { all } from "../reduce.ts";
import { pad, slice } from "../slice.ts";
import { diagonal } from "./diagonal.ts";
import { checkSquare, transposed } from "./matrices.ts";
import { tril } from "./triangle.ts";
import { triangularSolve } from "./triangular-solve.ts";

const choleskyOp: CompositeOp = {
  kind: "composite",
  name: "cholesky",
  infer([x]) {
    checkSquare("cholesky", x);
    return { shape: x.shape, dtype: x.dtype };
  },
  // With S = (X + Xᵀ)/2 = LLᵀ: dS = dL Lᵀ + L dLᵀ, so L⁻¹ dS L⁻ᵀ = L⁻¹dL + (L⁻¹dL)ᵀ, the lower triangle of which is
  // L⁻¹dL but for its diagonal, where it is twice that. Murray: "Differentiation of the Cholesky decomposition", 2016.
  derivative: {
    kind: "differential",
    differential([dx], _, l) {
      const left = triangularSolve(l, symmetric(dx!));
      const both = triangularSolve(l, transposed(left));
      const n = l.shape.at(-1)!;
      const half = where(equal(iota([n, 1]), iota([n])), 0.5, 1);
      return matmul(l, tril(mul(both, half)));
    },
  },
  kernel: ([{ shape }], _, __, target) => choleskyKernel(shape, target),
  decompose([x]) {
    if (x.size === 0) return x;
    const n = x.shape.at(-1)!;
    const s = reshape(symmetric(x), [-1, n, n]);
    const l = n > BLOCK ? byBlocks(s) : byColumns(s);
    const isDefinite = all(greater(diagonal(l), 0), -1);
    return reshape(where(reshape(isDefinite, [-1, 1, 1]), l, NaN), x.shape);
  },
  cpu: ([x], [spec]) => factorOf({ re: x, im: null }, spec).re,
  complex: ([x], [spec]) => factorOf(x, spec),
  batch: ([x]) => apply(choleskyOp, [x], {}),
};

/** (X + Xᵀ)/2. */
const symmetric = (x: Tensor): Tensor => mul(add(x, transposed(x)), 0.5);

/** The most rows of a matrix that one workgroup factors. */
const BLOCK = 64;

function choleskyKernel(shape: Shape, { workgroupSize }: Target): OpKernel | null {
  const n = shape.at(-1)!;
  if (n > BLOCK) return null;
  const count = sizeOf(shape.slice(0, -2));
  const set: Settings = { N: n, COUNT: count, THREADS: Math.min(n, workgroupSize) };
  return offered({
    inputs: ["x"],
    results: ["lower"],
    stages: [{ name: "cholesky", wgsl: shader, set, workgroups: count }],
  });
}

/**
 * The factor of symmetric matrices [count, n, n] by those of halves, of a multiple of a block of rows:
 *   (A  ·)   (K 0)(Kᵀ Mᵀ)
 *   (B  C) = (M L)(0  Lᵀ), where A = KKᵀ, M = BK⁻ᵀ and C − MMᵀ = LLᵀ.
 */
function byBlocks(s: Tensor): Tensor {
  const [count, n] = s.shape;
  if (n <= BLOCK) return apply(choleskyOp, [s], {});
  const half = Math.ceil(n / BLOCK / 2) * BLOCK;
  const k = byBlocks(slice(s, [0, 0, 0], [count, half, half]));
  const b = slice(s, [0, half, 0], [count, n, half]);
  const m = transposed(triangularSolve(k, transposed(b)));
  const c = slice(s, [0, half, half]);
  const l = byBlocks(sub(c, matmul(m, m, { transposeB: true })));
  const none = [0, 0];
  const above = pad(k, [none, none, [0, n - half]]);
  return concat([above, concat([m, l], 2)], 1);
}

/** The same column by column. */
function byColumns(s: Tensor): Tensor {
  let l = s;
  for (let k = 0; k < s.shape[2]; k++) l = eliminated(l, k);
  return tril(l);
}

/** By eliminating rows of the upper triangle, which becomes Lᵀ: row k is divided by the root of its pivot. */
function factorOf(x: ComplexArray, { shape }: Spec): ComplexArray {
  const n = shape.at(-1)!;
  const mean = (a: ArrayLike<number>) => swapped(a, n, (v, across) => (v + across) / 2);
  const upper = { re: mean(x.re), im: x.im && mean(x.im) };
  const indefinite: number[] = [];
  for (let b = 0; b < sizeOf(shape.slice(0, -2)); b++) {
    const a = new Matrix(upper, b, n, n);
    for (let k = 0; k < n; k++) {
      if (!(a.at(k, k).re > 0)) {
        indefinite.push(b);
        break;
      }
      a.divide(k, a.rootAt(k, k), k);
      for (let i = k + 1; i < n; i++) a.subtract(i, a.at(k, i), k, i);
    }
  }
  const lower = (a: ArrayLike<number>) => {
    const l = swapped(a, n, (_, across, below) => (below ? across : 0));
    for (const b of indefinite) l.fill(NaN, b * n * n, (b + 1) * n * n);
    return l;
  };
  return { re: lower(upper.re), im: upper.im && lower(upper.im) };
}

/** Matrices made of each element and the one across the diagonal; `below`: whether it is on the diagonal or below. */
function swapped(
  values: ArrayLike<number>,
  n: number,
  f: (value: number, across: number, below: boolean) => number,
): Float64Array {
  return Float64Array.from(values, (v, place) => {
    const right = (place % n) - (Math.floor(place / n) % n);
    return f(v, values[place + right * (n - 1)], right <= 0);
  });
}

/**
 * One step of the elimination, of all matrices [count, n, n] at once, which makes column k of L. Which one it is, is read
 * from memory, so that all steps share their kernels: it is there twice, since a single number would be written into the
 * shaders.
 */
function eliminated(x: Tensor, k: number): Tensor {
  const n = x.shape.at(-1)!;
  const twice = constantOf(Int32Array.of(k, k), { shape: [2], dtype: "int32" });
  const at = slice(twice, [0], [1]);
  const own = gather(x, reshape(at, []), 2);
  const pivot = gather(own, at, 1);
  const column = div(own, sqrt(where(greater(pivot, 0), pivot, NaN)));
  const rest = sub(x, mul(expandDims(column, 2), expandDims(column, 1)));
  const j = iota([n]);
  const next = where(equal(j, at), expandDims(column, 2), rest);
  return apply(chooseOp, [greaterEqual(j, at), next, x], {});
}

/**
 * The lower triangular L with LLᵀ = (X + Xᵀ)/2 of each square matrix: [..., n, n] → [..., n, n]. Of a matrix that is
 * not positive definite it is NaN. Its differential is L Φ(L⁻¹ dS L⁻ᵀ), where Φ takes the lower triangle with half the
 * diagonal and S is (X + Xᵀ)/2.
 * @param x float32 [..., n, n]
 * @returns float32, of the shape of x
 * @throws ShapeError where X is not square
 * @throws DtypeError where x is not float32
 */
export const cholesky = withOp((x: Tensor): Tensor => {
  checkTensor("cholesky", x);
  return apply(choleskyOp, [x], {});
}, choleskyOp);
