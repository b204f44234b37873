import shader from "../../../shaders/triangular-solve.wgsl?raw";
import type { HostArray } from "../../base/dtype.ts";
import { describeValue } from "../../base/describe-value.ts";
import { ArgumentError } from "../../base/errors.ts";
import { checkOptions } from "../../base/options.ts";
import type { Settings } from "../../base/link.ts";
import { powerAbove } from "../../base/powers.ts";
import { sizeOf, type Shape } from "../../base/shape.ts";
import { apply, scalar, withOp, type TensorLike } from "../../graph/build.ts";
import { copyOf, Matrix } from "../../graph/matrix.ts";
import type { OpKernel, Target } from "../../graph/offered-kernel.ts";
import type { ComplexArray, CompositeOp, Reference, Spec } from "../../graph/op.ts";
import { offered } from "../../graph/stages.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { div, neg } from "../arithmetic.ts";
import { broadcastTo, sumTo } from "../broadcast.ts";
import { concat, split } from "../concat.ts";
import { matmul } from "../matmul.ts";
import { reshape, transpose } from "../movement.ts";
import { pad, slice } from "../slice.ts";
import { diagonal } from "./diagonal.ts";
import { batchOf, batchedOperands, solutionShape, solveFor, transposed } from "./matrices.ts";
import { tril, triu } from "./triangle.ts";

/** Which triangle `triangularSolve` reads, and how. */
export interface TriangularSolveOptions {
  /** L has its numbers in the upper triangle, not in the lower one. False by default. */
  upper?: boolean;
  /** Solve Lᵀx = b. False by default. */
  transpose?: boolean;
  /** The diagonal is taken for ones and not read. False by default. */
  unitDiagonal?: boolean;
}

type SolveAttrs = Required<TriangularSolveOptions>;

const triangularSolveOp: CompositeOp<SolveAttrs> = {
  kind: "composite",
  name: "triangularSolve",
  infer: ([l, b]) => ({ shape: solutionShape("triangularSolve", l, b), dtype: b.dtype }),
  // X = M⁻¹B for M = L or Lᵀ: dX = M⁻¹(dB − dM X), so B̄ = M⁻ᵀX̄ and M̄ = −B̄Xᵀ, of which the triangle counts.
  derivative: {
    kind: "pullback",
    pull(g, [l, b], attrs) {
      const x = apply(triangularSolveOp, [l, b], attrs);
      const db = apply(triangularSolveOp, [l, g], { ...attrs, transpose: !attrs.transpose });
      const dl = attrs.transpose
        ? matmul(x, db, { transposeB: true })
        : matmul(db, x, { transposeB: true });
      return [sumTo(neg(readPart(dl, attrs)), l.shape), sumTo(db, b.shape)];
    },
  },
  kernel: ([l, b], attrs, [x], target) => substitution(l.shape, b.shape, attrs, x.shape, target),
  decompose([l, b], attrs) {
    const batch = batchOf("triangularSolve", l.shape, b.shape, [2, 2]);
    if (!areAligned(l.shape, b.shape, [...batch, 1, 1])) {
      const all = [l, b].map((x) => broadcastTo(x, [...batch, ...x.shape.slice(-2)]));
      return apply(triangularSolveOp, all, attrs);
    }
    const part = readPart(l, attrs);
    const inverse = lowerInverse(attrs.upper ? transposed(part) : part, attrs.unitDiagonal);
    return matmul(inverse, b, { transposeA: attrs.upper !== attrs.transpose });
  },
  cpu: ([l, b], specs, attrs, out, R) =>
    solved({ re: l, im: null }, { re: b, im: null }, specs, attrs, out, R).re,
  complex: ([l, b], specs, attrs, out, R) => solved(l, b, specs, attrs, out, R),
  batch: (inputs, mapped, attrs) =>
    apply(triangularSolveOp, batchedOperands(inputs, mapped), attrs),
};

/** The triangle that is read, zeros elsewhere; with ones on the diagonal, without it. */
const readPart = (l: Tensor, { upper, unitDiagonal }: SolveAttrs): Tensor =>
  upper ? triu(l, Number(unitDiagonal)) : tril(l, -Number(unitDiagonal));

/** Threads of a workgroup, each of which solves for one right side. */
const THREADS = 64;

/** So few right sides, of more rows than that, leave a GPU idle: matrix products are faster. */
const FEW = 64;

/** Whether there is one matrix for a batch of several. */
const isShared = (a: Shape, x: Shape) => sizeOf(a.slice(0, -2)) === 1 && sizeOf(x.slice(0, -2)) > 1;

/** Whether each operand has one matrix for each of the batch, or one for all. */
const areAligned = (l: Shape, b: Shape, x: Shape) =>
  [l, b].every((a) => isShared(a, x) || sizeOf(a.slice(0, -2)) === sizeOf(x.slice(0, -2)));

function substitution(
  l: Shape,
  b: Shape,
  { upper, transpose: across, unitDiagonal }: SolveAttrs,
  x: Shape,
  { software }: Target,
): OpKernel | null {
  const [n, width] = x.slice(-2);
  const count = sizeOf(x) / n;
  if (!areAligned(l, b, x) || (!software && count < FEW && n > FEW)) return null;
  const set: Settings = {
    N: n,
    WIDTH: width,
    COUNT: count,
    SHARED: isShared(l, x),
    REPEATED: isShared(b, x),
    FORWARD: upper === across,
    ACROSS: across,
    UNIT: unitDiagonal,
  };
  return offered({
    inputs: ["triangle", "right"],
    results: ["solution"],
    stages: [
      {
        name: "triangular-solve",
        wgsl: shader,
        set,
        workgroups: Math.ceil(count / THREADS),
      },
    ],
  });
}

/** By substitution, forwards where the matrix that is solved for is a lower one. */
function solved(
  l: ComplexArray,
  b: ComplexArray,
  [left, right]: readonly Spec[],
  { upper, transpose: across, unitDiagonal }: SolveAttrs,
  out: Spec,
  { broadcastIndices, spread }: Reference,
): ComplexArray {
  const [n, columns] = out.shape.slice(-2);
  const batch = out.shape.slice(0, -2);
  const whole = (x: HostArray) => spread(x, right.shape, out.shape);
  const im = b.im ? (whole(b.im) as Float64Array) : l.im && new Float64Array(sizeOf(out.shape));
  const solutions = copyOf({ re: whole(b.re), im });
  const places = broadcastIndices(left.shape.slice(0, -2), batch);
  for (let k = 0; k < sizeOf(batch); k++) {
    const a = new Matrix(l, places ? places[k] : k, n, n);
    const x = new Matrix(solutions, k, n, columns);
    const at = (i: number, j: number) => (across ? a.at(j, i) : a.at(i, j));
    const order = Array.from({ length: n }, (_, i) => (upper === across ? i : n - 1 - i));
    order.forEach((i, known) => {
      for (const j of order.slice(0, known)) x.subtract(i, at(i, j), j);
      if (!unitDiagonal) x.divide(i, at(i, i));
    });
  }
  return solutions;
}

/**
 * The inverses of lower triangular matrices by those of their diagonal blocks, which double in each turn:
 *   (A 0)⁻¹   (   A⁻¹     0 )
 *   (C B)   = (−B⁻¹CA⁻¹  B⁻¹)
 * so there are 2 log₂ n matrix products, of all blocks at once.
 */
function lowerInverse(x: Tensor, unitDiagonal: boolean): Tensor {
  if (x.size === 0) return x;
  const n = x.shape.at(-1)!;
  const count = sizeOf(x.shape.slice(0, -2));
  const padded = powerAbove(n);
  const [none, more] = [
    [0, 0],
    [0, padded - n],
  ];
  const whole = pad(reshape(x, [count, n, n]), [none, more, more]);
  const diagonals = unitDiagonal
    ? broadcastTo(scalar(1), [count, n])
    : reshape(div(1, diagonal(x)), [count, n]);
  let inverses = reshape(pad(diagonals, [none, more], 1), [count, padded, 1, 1]);
  for (let size = 1; size < padded; size *= 2) {
    const blocks = padded / size / 2;
    const pairs = reshape(inverses, [count, blocks, 2, size, size]);
    const [a, b] = split(pairs, 2, 2).map((y) => reshape(y, [count, blocks, size, size]));
    const square = reshape(whole, [count, blocks, 2 * size, blocks, 2 * size]);
    const diagonalBlocks = transpose(diagonal(transpose(square, [0, 2, 4, 1, 3])), [0, 3, 1, 2]);
    const c = slice(diagonalBlocks, [0, 0, size, 0], [count, blocks, 2 * size, size]);
    const above = pad(a, [none, none, none, [0, size]]);
    const below = concat([neg(matmul(matmul(b, c), a)), b], -1);
    inverses = concat([above, below], -2);
  }
  return reshape(
    slice(reshape(inverses, [count, padded, padded]), [0, 0, 0], [count, n, n]),
    x.shape,
  );
}

/**
 * The solutions x of Lx = b, or Lᵀx = b, for triangular matrices L: [..., n, n] and [..., n, m] → [..., n, m]; the axes
 * before them broadcast. Of L one triangle is read, by default the lower one. b of rank 1 is a vector, and so is x
 * then. Where an element of the diagonal is 0, x has infinities or NaN.
 * @param l float32 [..., n, n], of which one triangle is read
 * @param b float32 [..., n, m], or [n]
 * @param options which triangle, and how it is read
 * @returns float32 [..., n, m], or [..., n] where b is a vector
 * @throws ShapeError where the matrix is not square, or b has another number of rows
 * @throws DtypeError where an operand is not float32
 */
export const triangularSolve = withOp(
  (l: Tensor, b: TensorLike, options: TriangularSolveOptions = {}): Tensor => {
    checkOptions("triangularSolve", options, ["upper", "transpose", "unitDiagonal"]);
    const { upper = false, transpose: across = false, unitDiagonal = false } = options;
    const attrs: SolveAttrs = { upper, transpose: across, unitDiagonal };
    for (const [name, value] of Object.entries(attrs)) {
      if (typeof value === "boolean") continue;
      throw new ArgumentError(`triangularSolve: ${name} is a boolean, got ${describeValue(value)}`);
    }
    return solveFor("triangularSolve", l, b, (x, y) => apply(triangularSolveOp, [x, y], attrs));
  },
  triangularSolveOp,
);
