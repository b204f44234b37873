import { hostArray, isFloat, type HostArray } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { broadcastShapes, canBroadcast, show, sizeOf, type Shape } from "../base/shape.ts";
import { apply, withOp, type TensorLike } from "../graph/build.ts";
import type { ContractAttrs, ContractOp, Reference, Spec } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { sumTo } from "./broadcast.ts";
import { reshape } from "./movement.ts";
import { operandsOf } from "./operands.ts";
import { wrongDtype } from "./takes.ts";

/** The shape of a batch of products [m, k] · [k, n]; throws where the operands do not fit. */
function shapeOf(a: Shape, b: Shape, { transposeA, transposeB }: ContractAttrs): Shape {
  const [m, k] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [l, n] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
  if (k !== l) {
    const transposed = [transposeA && "the first", transposeB && "the second"].filter(Boolean);
    throw new ShapeError(
      `matmul: inner dimensions differ: ${show(a)} × ${show(b)} has ${k} ≠ ${l}${
        transposed.length > 0 ? ` (${transposed.join(" and ")} transposed)` : ""
      }`,
    );
  }
  const [before, beside] = [a.slice(0, -2), b.slice(0, -2)];
  if (!canBroadcast(before, beside)) {
    throw new ShapeError(
      `matmul: the axes before the last two do not broadcast: ${show(a)} × ${show(b)}`,
    );
  }
  return [...broadcastShapes("matmul", before, beside), m, n];
}

const matmulOp: ContractOp = {
  kind: "contract",
  name: "matmul",
  infer([a, b], attrs) {
    if (!isFloat(a.dtype)) wrongDtype("matmul", "float32", a.dtype);
    return { shape: shapeOf(a.shape, b.shape, attrs), dtype: a.dtype };
  },
  // c = ab: ā = c̄ bᵀ and b̄ = aᵀ c̄, each stored the way its operand is.
  derivative: {
    kind: "multilinear",
    transpose(g, [a, b], { transposeA, transposeB }) {
      const da = transposeA ? product(b, g, transposeB, true) : product(g, b, false, !transposeB);
      const db = transposeB ? product(g, a, true, transposeA) : product(a, g, !transposeA, false);
      return [sumTo(da, a.shape), sumTo(db, b.shape)];
    },
  },
  cpu: ([a, b], [{ shape: s }, { shape: t }], attrs, out, R) => multiply(a, b, s, t, attrs, out, R),
  complex: ([a, b], [{ shape: s }, { shape: t }], attrs, out, R) =>
    R.bilinear((x, y) => multiply(x, y, s, t, attrs, out, R), a, b),
};

/** Σₖ aᵢₖ bₖⱼ, the rows of b taken one after the other. */
function multiply(
  a: HostArray,
  b: HostArray,
  aShape: Shape,
  bShape: Shape,
  attrs: ContractAttrs,
  out: Spec,
  { broadcastIndices }: Reference,
): HostArray {
  const batch = out.shape.slice(0, -2);
  const [m, n] = out.shape.slice(-2);
  const k = aShape.at(attrs.transposeA ? -2 : -1)!;
  const c = hostArray(out.dtype, sizeOf(out.shape));
  const atA = broadcastIndices(aShape.slice(0, -2), batch);
  const atB = broadcastIndices(bShape.slice(0, -2), batch);
  const [aRow, aCol] = attrs.transposeA ? [1, m] : [k, 1];
  const [bRow, bCol] = attrs.transposeB ? [1, k] : [n, 1];
  for (let p = 0; p < sizeOf(batch); p++) {
    const [a0, b0, c0] = [(atA ? atA[p] : p) * m * k, (atB ? atB[p] : p) * k * n, p * m * n];
    for (let i = 0; i < m; i++) {
      for (let l = 0; l < k; l++) {
        const v = a[a0 + i * aRow + l * aCol];
        for (let j = 0, row = b0 + l * bRow; j < n; j++, row += bCol)
          c[c0 + i * n + j] += v * b[row];
      }
    }
  }
  return c;
}

const product = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor =>
  apply(matmulOp, [a, b], { transposeA, transposeB });

/** Which operands of `matmul` are transposed on the way; neither by default. */
export interface MatmulOptions {
  /** Take the first operand with its last two axes exchanged. */
  transposeA?: boolean;
  /** Take the second operand with its last two axes exchanged. */
  transposeB?: boolean;
}

/**
 * The matrix product over the last two axes; the axes before them broadcast. As in NumPy, a vector is a row on the
 * left, a column on the right, and its axis is gone from the result.
 * @param a float32 [..., m, k], or [k]
 * @param b float32 [..., k, n], or [k]
 * @param options which of them is transposed first
 * @returns float32 [..., m, n], where the axes before the last two broadcast; of vectors without their axis
 * @throws DtypeError where an operand is not float32
 * @throws ShapeError where inner lengths differ, other axes do not broadcast, or an operand is a scalar
 */
export const matmul = withOp(
  (a: TensorLike, b: TensorLike, options: MatmulOptions = {}): Tensor => {
    checkOptions("matmul", options, ["transposeA", "transposeB"]);
    const { transposeA = false, transposeB = false } = options;
    const [x, y] = operandsOf("matmul", [a, b]);
    if (x.rank === 0 || y.rank === 0) {
      throw new ShapeError(
        `matmul: ${show(x.shape)} × ${show(y.shape)}: a scalar has no matrix product; use mul`,
      );
    }
    const left = x.rank === 1 ? reshape(x, [1, x.size]) : x;
    const right = y.rank === 1 ? reshape(y, [y.size, 1]) : y;
    const c = product(left, right, transposeA && x.rank > 1, transposeB && y.rank > 1);
    const shape = [...c.shape];
    if (y.rank === 1) shape.pop();
    if (x.rank === 1) shape.splice(y.rank === 1 ? -1 : -2, 1);
    return reshape(c, shape);
  },
  matmulOp,
);
