import { hostArray } from "../base/dtype.ts";
import * as I from "../base/index-expr.ts";
import { sizeOf } from "../base/shape.ts";
import { apply } from "../graph/build.ts";
import type { MovementOp } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";

/** Windows along an axis: element k of window p is element (step · p + dilation · k + offset) / gap. */
export interface WindowAxis {
  /** How many windows there are, and how many elements in each. */
  readonly windows: number;
  readonly size: number;
  readonly step: number;
  /** May be negative. */
  readonly dilation: number;
  readonly offset: number;
  /** Elements are that far apart, with zeros between them. */
  readonly gap: number;
}

interface WindowsAttrs {
  /** For the last axes. */
  readonly axes: readonly WindowAxis[];
}

/**
 * The windows of the last axes: [..., length] → [..., size, windows], with all sizes before all windows where there are
 * several axes, and zeros where there is no element. Most elements are in many windows, so this is for products and
 * folds that read them where they are.
 */
const windowsOp: MovementOp<WindowsAttrs> = {
  kind: "movement",
  name: "windows",
  infer: ([x], { axes }) => ({
    shape: [
      ...x.shape.slice(0, x.shape.length - axes.length),
      ...axes.map((axis) => axis.size),
      ...axes.map((axis) => axis.windows),
    ],
    dtype: x.dtype,
  }),
  // Convolutions are made of it when a program is lowered, and nothing is differentiated after that.
  derivative: { kind: "none" },
  cpu([x], [{ shape }], { axes }, out) {
    const y = hostArray(out.dtype, sizeOf(out.shape));
    const lengths = shape.slice(shape.length - axes.length);
    const places = placesIn(axes, lengths);
    const inner = sizeOf(lengths);
    for (let i = 0; i < y.length; i++) {
      const place = places[i % places.length];
      if (place >= 0) y[i] = x[Math.floor(i / places.length) * inner + place];
    }
    return y;
  },
  source(coords, [{ shape }], { axes }) {
    const lead = shape.length - axes.length;
    const bounds: I.Bound[] = [];
    const places = axes.map(({ step, dilation, offset, gap, size }, axis) => {
      // Words have no sign: a multiple of the gap is added that makes the least value 0 or more.
      const least = offset + Math.min(0, dilation * (size - 1));
      const shift = Math.max(0, Math.ceil(-least / gap));
      const value = I.combine(
        [
          [coords[lead + axes.length + axis], step],
          [coords[lead + axis], dilation],
        ],
        offset + shift * gap,
      );
      const end = (shape[lead + axis] - 1) * gap + 1;
      bounds.push(
        { value, min: shift * gap, max: shift * gap + Math.max(0, end) },
        { value: I.mod(value, gap), min: 0, max: 1 },
      );
      return I.shift(I.div(value, gap), -shift);
    });
    return [{ input: 0, coords: [...coords.slice(0, lead), ...places], bounds }];
  },
  batch: ([x], _, attrs) => apply(windowsOp, [x], attrs),
};

/** Where each element of the windows lies in the last axes, row-major; −1 where there is none. */
function placesIn(axes: readonly WindowAxis[], lengths: readonly number[]): Int32Array {
  const shape = [...axes.map((a) => a.size), ...axes.map((a) => a.windows)];
  return Int32Array.from({ length: sizeOf(shape) }, (_, i) => {
    const coords = coordsOf(i, shape);
    return axes.reduce((place, { step, dilation, offset, gap }, axis) => {
      const at = (coords[axes.length + axis] * step + coords[axis] * dilation + offset) / gap;
      const isThere = Number.isInteger(at) && at >= 0 && at < lengths[axis];
      return place < 0 || !isThere ? -1 : place * lengths[axis] + at;
    }, 0);
  });
}

function coordsOf(index: number, shape: readonly number[]): number[] {
  const coords = shape.map(() => 0);
  for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
    coords[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return coords;
}

/** The windows of the last axes of x, one description for each of them. */
export const windows = (x: Tensor, axes: readonly WindowAxis[]): Tensor =>
  apply(windowsOp, [x], { axes });
