import { isFloat } from "../base/dtype.ts";
import { apply, withOp } from "../graph/build.ts";
import type { CompositeOp, ReduceAttrs, Rules, Spec } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { axisOf, type Axes } from "./axes.ts";
import { sum } from "./broadcast.ts";
import { exp, log } from "./exponential.ts";
import { reshape } from "./movement.ts";
import { greatest } from "./reduce.ts";
import { reduceAttrs, reducedShape, type ReduceOptions } from "./reduction.ts";
import { anchor, opaque } from "./rounding.ts";
import { wrongDtype } from "./takes.ts";

function checkFloat(op: string, { dtype }: Spec): void {
  if (!isFloat(dtype)) wrongDtype(op, "float32", dtype);
}

function floatsOf(this: Rules, [x]: readonly Spec[]): Spec {
  checkFloat(this.name, x);
  return x;
}

interface AxisAttrs {
  axis: number;
}

/** ln Σ exp xⱼ of a row. */
function logSumExpOf(row: Float64Array): number {
  const m = row.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a), -Infinity);
  if (!Number.isFinite(m)) return m;
  return m + Math.log(row.reduce((s, v) => s + Math.exp(v - m), 0));
}

interface AxesAttrs {
  axes: readonly number[];
}

const softmaxOp: CompositeOp<AxesAttrs> = {
  kind: "composite",
  name: "softmax",
  infer: floatsOf,
  axial: true,
  // The Jacobian is diag(y) − y yᵀ: dyᵢ = yᵢ (dxᵢ − Σⱼ yⱼ dxⱼ). Of a product dxᵢ, the same one twice, or nothing cancels.
  derivative: {
    kind: "differential",
    differential([tangent], _, y, { axes }) {
      const dx = opaque(tangent!);
      return mul(y, sub(dx, sum(mul(y, dx), axes, { keepDims: true })));
    },
  },
  decompose([x], { axes }) {
    const e = exp(sub(x, greatest(x, axes, { keepDims: true })));
    return div(e, sum(e, axes, { keepDims: true }));
  },
  cpu: ([x], [{ shape }], { axes }, _, { mapRows }) =>
    mapRows(x, shape, axes, (row) => {
      const m = row.reduce((a, b) => Math.max(a, b), -Infinity);
      const e = row.map((v) => Math.exp(v - m));
      const z = e.reduce((a, b) => a + b, 0);
      return e.map((v) => v / z);
    }),
};

/**
 * yᵢ = exp xᵢ / Σⱼ exp xⱼ along an axis, the last by default; safe for elements of any size.
 * @param x float32, of one axis or more
 * @param axis negative ones count from the back
 * @returns float32, of the shape of x
 * @throws DtypeError where x is not float32
 * @throws ShapeError where there is no such axis
 */
export const softmax = withOp(
  (x: Tensor, axis = -1): Tensor => apply(softmaxOp, [x], { axes: [axisOf("softmax", x, axis)] }),
  softmaxOp,
);

/** z − m with the greatest m of each row, and ln Σ exp (z − m), of which no exponential overflows. */
export function inLogarithms(z: Tensor, axis: number): [centred: Tensor, total: Tensor] {
  const centred = sub(z, greatest(z, axis, { keepDims: true }));
  return [centred, log(sum(exp(centred), axis, { keepDims: true }))];
}

const logSoftmaxOp: CompositeOp<AxisAttrs> = {
  kind: "composite",
  name: "logSoftmax",
  infer: floatsOf,
  axial: true,
  // dyᵢ = dxᵢ − Σⱼ exp(yⱼ) dxⱼ
  derivative: {
    kind: "differential",
    differential([tangent], _, y, { axis }) {
      const dx = opaque(tangent!);
      return sub(dx, sum(mul(exp(y), dx), axis, { keepDims: true }));
    },
  },
  decompose([x], { axis }) {
    // Of a product, the same one twice, or the greatest is not 0.
    return sub(...inLogarithms(opaque(x), axis));
  },
  cpu: ([x], [{ shape }], { axis }, _, { mapRows }) =>
    mapRows(x, shape, [axis], (row) => {
      const m = row.reduce((a, b) => Math.max(a, b), -Infinity);
      const z = Math.log(row.reduce((s, v) => s + Math.exp(v - m), 0));
      return row.map((v) => v - m - z);
    }),
};

/**
 * yᵢ = xᵢ − ln Σⱼ exp xⱼ along an axis, the last by default; safe for elements of any size.
 * @param x float32, of one axis or more
 * @param axis negative ones count from the back
 * @returns float32, of the shape of x
 * @throws DtypeError where x is not float32
 * @throws ShapeError where there is no such axis
 */
export const logSoftmax = withOp(
  (x: Tensor, axis = -1): Tensor =>
    apply(logSoftmaxOp, [x], { axis: axisOf("logSoftmax", x, axis) }),
  logSoftmaxOp,
);

const logSumExpOp: CompositeOp<ReduceAttrs> = {
  kind: "composite",
  name: "logSumExp",
  infer([x], attrs) {
    checkFloat("logSumExp", x);
    return { shape: reducedShape(x.shape, attrs), dtype: x.dtype };
  },
  axial: true,
  // dy = Σⱼ softmax(x)ⱼ dxⱼ. As exp(xⱼ − y) it would be as wrong as the rounding of y, 5e-4 at 1e4.
  derivative: {
    kind: "differential",
    differential: ([dx], [x], _, { axes, keepDims }) =>
      sum(mul(apply(softmaxOp, [x], { axes }), dx!), axes, { keepDims }),
  },
  decompose([x], { axes, keepDims }) {
    // The greatest of a row is 0 then, so exp never overflows; a row without a finite one is left as it is.
    const by = anchor(greatest(x, axes, { keepDims: true }), 0);
    const y = add(log(sum(exp(sub(x, by)), axes, { keepDims: true })), by);
    return reshape(y, reducedShape(x.shape, { axes, keepDims }));
  },
  cpu([x], [{ shape }], { axes }, _, { rowsAlong }) {
    const rows = rowsAlong(shape, axes);
    return Float64Array.from(rows, (places) => logSumExpOf(Float64Array.from(places, (i) => x[i])));
  },
};

/**
 * ln Σ exp x along some axes, along all where none are given; safe for elements of any size. Where all elements are −∞ it
 * is −∞, and its gradient NaN; a `where` before it, which puts numbers in their place, keeps that from what is not used.
 * @param x float32
 * @param axes one axis, or several; all by default; negative ones count from the back
 * @param options whether the axes are kept
 * @returns float32, without these axes
 * @throws DtypeError where x is not float32
 * @throws ShapeError where there is no such axis
 */
export const logSumExp = withOp(
  (x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor =>
    apply(logSumExpOp, [x], reduceAttrs("logSumExp", x, axes, options)),
  logSumExpOp,
);
