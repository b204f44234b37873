import { hostArray } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import * as I from "../base/index-expr.ts";
import { checkList, checkShape, normalizeAxis, sameShape, show, sizeOf } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import { unchanged } from "../graph/identity.ts";
import type { MovementOp, Spec } from "../graph/op.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import { axisOf } from "./axes.ts";
import { expandDims } from "./movement.ts";
import { operandsOf } from "./operands.ts";
import { slice } from "./slice.ts";

/** Where each part begins along the axis, and where the last one ends. */
function offsets(inputs: readonly Spec[], axis: number): number[] {
  const starts = [0];
  for (const { shape } of inputs) starts.push(starts.at(-1)! + shape[axis]);
  return starts;
}

const concatOp: MovementOp<{ axis: number }> = {
  kind: "movement",
  name: "concat",
  infer(inputs, { axis }) {
    const [first] = inputs;
    for (const { shape } of inputs) {
      if (
        shape.length !== first.shape.length ||
        shape.some((n, a) => a !== axis && n !== first.shape[a])
      ) {
        throw new ShapeError(
          `concat: shapes ${inputs.map((x) => show(x.shape)).join(", ")} differ outside of axis ${axis}`,
        );
      }
    }
    const length = offsets(inputs, axis).at(-1)!;
    return { shape: first.shape.map((n, a) => (a === axis ? length : n)), dtype: first.dtype };
  },
  derivative: {
    kind: "linear",
    transpose(g, inputs, { axis }) {
      const at = offsets(inputs, axis);
      return inputs.map((x, i) => along(g, axis, at[i], at[i] + x.shape[axis]));
    },
  },
  cpu(inputs, specs, { axis }, out) {
    const y = hostArray(out.dtype, sizeOf(out.shape));
    const inner = sizeOf(out.shape.slice(axis + 1));
    const row = out.shape[axis] * inner;
    const at = offsets(specs, axis);
    inputs.forEach((x, k) => {
      const length = specs[k].shape[axis] * inner;
      const rows = length > 0 ? x.length / length : 0;
      for (let i = 0; i < rows; i++) {
        y.set(x.subarray(i * length, (i + 1) * length), at[k] * inner + i * row);
      }
    });
    return y;
  },
  source(coords, inputs, { axis }) {
    const at = offsets(inputs, axis);
    return inputs.flatMap((x, input) =>
      x.shape[axis] === 0
        ? []
        : {
            input,
            coords: coords.map((c, a) => (a === axis ? I.shift(c, -at[input]) : c)),
            bounds: [{ value: coords[axis], min: at[input], max: at[input + 1] }],
          },
    );
  },
  axial: true,
};

const along = (x: Tensor, axis: number, start: number, end: number) =>
  slice(
    x,
    x.shape.map((_, a) => (a === axis ? start : 0)),
    x.shape.map((n, a) => (a === axis ? end : n)),
  );

/** A kernel binds a buffer for each operand and one for the result, of the 8 that every device has. */
const MOST_OPERANDS = 7;

function joined(tensors: readonly Tensor[], axis: number): Tensor {
  if (tensors.length === 1) return unchanged(tensors[0]);
  if (tensors.length <= MOST_OPERANDS) return apply(concatOp, tensors, { axis });
  const parts = Array.from({ length: Math.ceil(tensors.length / MOST_OPERANDS) }, (_, i) =>
    joined(tensors.slice(i * MOST_OPERANDS, (i + 1) * MOST_OPERANDS), axis),
  );
  return joined(parts, axis);
}

/**
 * Tensors of equal shapes, but for the length along `axis`, put one behind the other; int32 and float32 mix.
 * @param tensors at least one
 * @param axis 0 by default; negative ones count from the back
 * @returns as long along the axis as all of them together
 * @throws ShapeError where shapes differ elsewhere, or there are no tensors
 * @throws DtypeError where the dtypes do not mix
 */
export const concat = withOp((tensors: readonly Tensor[], axis = 0): Tensor => {
  const parts = partsOf("concat", tensors);
  return joined(parts, axisOf("concat", parts[0], axis));
}, concatOp);

/** What is to be joined, of one dtype. */
function partsOf(op: string, tensors: readonly Tensor[]): Tensor[] {
  checkList(op, "it takes a list of tensors", tensors);
  if (tensors.length === 0) throw new ShapeError(`${op}: there are no tensors to join`);
  for (const x of tensors) checkTensor(op, x);
  return operandsOf(op, tensors);
}

/**
 * Tensors of equal shapes along a new axis.
 * @param tensors at least one
 * @param axis the place of the new axis in the result, 0 by default
 * @returns of one axis more, whose length is the number of tensors
 * @throws ShapeError where shapes differ, there are no tensors, or the result has no such axis
 * @throws DtypeError where the dtypes do not mix
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  const parts = partsOf("stack", tensors);
  const [{ shape }] = parts;
  if (parts.some((x) => !sameShape(x.shape, shape))) {
    throw new ShapeError(`stack: shapes ${parts.map((x) => show(x.shape)).join(", ")} differ`);
  }
  const place = normalizeAxis("stack", axis, checkShape("stack", [...shape, 1]));
  return joined(
    parts.map((x) => expandDims(x, place)),
    place,
  );
}

/** The lengths of equal parts; none where there are none. */
const equalParts = (n: number, parts: number) =>
  n % parts === 0 ? Array.from({ length: parts }, () => n / parts) : [];

/**
 * The parts of x along an axis: a number of equal ones, or parts of the lengths given.
 * @param x any dtype and shape
 * @param parts a number of equal parts, or a list of lengths
 * @param axis 0 by default; negative ones count from the back
 * @returns the parts in their order
 * @throws ShapeError where the axis does not fall into such parts
 */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  const a = axisOf("split", x, axis);
  const n = x.shape[a];
  const lengths = typeof parts === "number" ? equalParts(n, parts) : parts;
  checkList("split", "parts are a number or a list of lengths", lengths);
  const total = lengths.reduce((s, n) => s + n, 0);
  if (total !== n || !lengths.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ShapeError(
      `split: axis ${a} of ${show(x.shape)} does not fall into ${
        typeof parts === "number" ? `${parts} equal parts` : `parts of ${show(parts)}`
      }`,
    );
  }
  let start = 0;
  return lengths.map((n) => along(x, a, start, (start += n)));
}
