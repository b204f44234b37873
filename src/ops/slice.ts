import { hostArray } from "../base/dtype.ts";
import { ShapeError } from "../base/errors.ts";
import * as I from "../base/index-expr.ts";
import { checkList, sameShape, show, sizeOf, stridesOf, type Shape } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import { unchanged } from "../graph/identity.ts";
import type { MovementOp } from "../graph/op.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import { numberAs } from "./operands.ts";
import { only, reshape } from "./movement.ts";

interface SliceAttrs {
  starts: readonly number[];
  steps: readonly number[];
  lengths: readonly number[];
}

const sliceOp: MovementOp<SliceAttrs> = {
  kind: "movement",
  name: "slice",
  infer: ([x], { lengths }) => ({ shape: lengths, dtype: x.dtype }),
  derivative: { kind: "linear", transpose: (g, [x], attrs) => [unslice(g, x.shape, attrs)] },
  cpu([x], [{ shape }], { starts, steps }, out, { dot, placesOf, take }) {
    const strides = stridesOf(shape);
    const first = dot(starts, strides);
    const moved = strides.map((s, axis) => s * steps[axis]);
    return take(x, placesOf(out.shape, moved, first));
  },
  source: (coords, _, { starts, steps }) =>
    only(coords.map((c, axis) => I.combine([[c, steps[axis]]], starts[axis]))),
  batch: ([x], _, { starts, steps, lengths }) =>
    apply(sliceOp, [x], {
      starts: [0, ...starts],
      steps: [1, ...steps],
      lengths: [x.shape[0], ...lengths],
    }),
};

/** The adjoint of a slice: g put where the slice took from, zeros elsewhere. */
function unslice(g: Tensor, shape: Shape, { starts, steps, lengths }: SliceAttrs): Tensor {
  const stretched = dilate(g, steps);
  return pad(
    stretched,
    shape.map((n, axis) => {
      const covered = lengths[axis] === 0 ? 0 : (lengths[axis] - 1) * steps[axis] + 1;
      return [starts[axis], n - starts[axis] - covered];
    }),
  );
}

/** Puts `steps − 1` zeros between neighbours along each axis. */
function dilate(x: Tensor, steps: readonly number[]): Tensor {
  return steps.reduce((y, step, axis) => {
    const n = y.shape[axis];
    if (step === 1 || n <= 1) return y;
    // Behind all axes before it, as one, so that the rank never grows beyond what there can be.
    const rows = sizeOf(y.shape.slice(0, axis + 1));
    const apart = pad(reshape(y, [rows, 1, sizeOf(y.shape.slice(axis + 1))]), [
      [0, 0],
      [0, step - 1],
      [0, 0],
    ]);
    const joined = y.shape.map((m, a) => (a === axis ? n * step : m));
    const ends = joined.map((m, a) => (a === axis ? (n - 1) * step + 1 : m));
    return slice(
      reshape(apart, joined),
      joined.map(() => 0),
      ends,
    );
  }, x);
}

/**
 * The elements from `starts` up to but without `ends` along the first axes, the rest of the axes whole; every
 * `steps`-th where steps are given. Negative places count from the back, places past the end are cut to it. The places
 * are part of the kernels: outside of `compile`, a loop that takes another row each time, `gather(x, tensor([t]))`, makes
 * one kernel for all, and with slices one for each.
 * @param x any dtype and shape
 * @param starts the first place along each axis
 * @param ends the place behind the last along each axis; the end of the axis by default
 * @param steps from one element to the next along each axis, 1 by default
 * @returns of the dtype of x
 * @throws ShapeError where lists are longer than x has axes, or a step is less than 1
 */
export const slice = withOp(
  (
    x: Tensor,
    starts: readonly number[],
    ends?: readonly number[],
    steps?: readonly number[],
  ): Tensor => {
    checkTensor("slice", x);
    const attrs = sliceAttrs(x.shape, starts, ends, steps);
    return sameShape(attrs.lengths, x.shape) ? unchanged(x) : apply(sliceOp, [x], attrs);
  },
  sliceOp,
);

function sliceAttrs(
  shape: Shape,
  starts: readonly number[],
  ends: readonly number[] = [],
  steps: readonly number[] = [],
): SliceAttrs {
  for (const list of [starts, ends, steps]) {
    checkList("slice", "starts, ends and steps are lists, a number for each axis", list);
  }
  if (Math.max(starts.length, ends.length, steps.length) > shape.length) {
    throw new ShapeError(
      `slice: starts ${show(starts)}, ends ${show(ends)} and steps ${show(steps)} are for more axes than ${show(shape)} has`,
    );
  }
  const place = (v: number, n: number) => {
    if (!Number.isInteger(v)) throw new ShapeError(`slice: ${v} is not a place along an axis`);
    return Math.min(Math.max(v < 0 ? v + n : v, 0), n);
  };
  const from = shape.map((n, axis) => place(starts[axis] ?? 0, n));
  const to = shape.map((n, axis) => place(ends[axis] ?? n, n));
  const by = shape.map((_, axis) => steps[axis] ?? 1);
  const bad = by.find((step) => !Number.isInteger(step) || step < 1);
  if (bad !== undefined)
    throw new ShapeError(`slice: a step of ${bad}; steps are whole numbers ≥ 1`);
  const lengths = shape.map((_, axis) =>
    Math.max(0, Math.ceil((to[axis] - from[axis]) / by[axis])),
  );
  return { starts: from, steps: by, lengths };
}

interface PadAttrs {
  widths: readonly (readonly number[])[];
  value: number;
}

const padOp: MovementOp<PadAttrs> = {
  kind: "movement",
  name: "pad",
  infer: ([x], { widths }) => ({
    shape: x.shape.map((n, axis) => n + widths[axis][0] + widths[axis][1]),
    dtype: x.dtype,
  }),
  derivative: {
    kind: "linear",
    transpose: (g, [x], { widths }) => [
      slice(
        g,
        widths.map(([before]) => before),
        widths.map(([before], axis) => before + x.shape[axis]),
      ),
    ],
    linearPart: ({ widths }) => ({ widths, value: 0 }),
  },
  cpu([x], [{ shape }], { widths, value }, out, { dot, placesOf }) {
    const y = hostArray(out.dtype, sizeOf(out.shape)).fill(value);
    const strides = stridesOf(out.shape);
    const first = dot(
      widths.map(([before]) => before),
      strides,
    );
    placesOf(shape, strides, first).forEach((place, i) => (y[place] = x[i]));
    return y;
  },
  source: (coords, [x], { widths }) => [
    {
      input: 0,
      coords: coords.map((c, axis) => I.shift(c, -widths[axis][0])),
      bounds: coords.flatMap((value, axis) => {
        const [before, after] = widths[axis];
        return before === 0 && after === 0
          ? []
          : [{ value, min: before, max: before + x.shape[axis] }];
      }),
    },
  ],
  fill: ({ value }) => value,
  batch: ([x], _, { widths, value }) => pad(x, [[0, 0], ...widths], value),
};

/**
 * Puts `widths[axis] = [before, after]` elements of `value` around x.
 * @param x any dtype and shape
 * @param widths a pair for each axis
 * @param value 0 by default
 * @returns of the dtype of x, with each axis longer by its pair
 * @throws ShapeError where there is not one pair of whole numbers ≥ 0 for each axis
 * @throws DtypeError where the value is none of the dtype of x
 */
export const pad = withOp(
  (x: Tensor, widths: readonly (readonly number[])[], value = 0): Tensor => {
    checkTensor("pad", x);
    checkList("pad", "widths are a list of pairs [before, after]", widths);
    if (value !== 0) numberAs("pad", value, x.dtype);
    if (widths.length !== x.rank) {
      throw new ShapeError(
        `pad: ${widths.length} pairs of widths for ${show(x.shape)}, which has ${x.rank} axes`,
      );
    }
    for (const pair of widths) {
      const isPair = Array.isArray(pair) && pair.length === 2;
      if (!isPair || !pair.every((n) => Number.isInteger(n) && n >= 0)) {
        throw new ShapeError(
          `pad: ${show(pair)} is not a pair [before, after] of whole numbers ≥ 0`,
        );
      }
    }
    if (widths.every(([before, after]) => before + after === 0)) return unchanged(x);
    return apply(padOp, [x], { widths: widths.map((pair) => [...pair]), value });
  },
  padOp,
);
