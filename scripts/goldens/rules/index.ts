import * as ct from "cotangent";
import type { Tensor } from "cotangent";
import type { Rules } from "./rule.ts";

interface Axis {
  axis: number;
}

/** Counted from the front: negative ones count from the end. */
const fromFront = (x: Tensor, axis: number): number => (axis < 0 ? axis + x.rank : axis);

/** Movement of elements, by shape and by index. */
export const index: Rules = {
  concat: (inputs, { axis }: Axis) => ct.concat(Object.values(inputs), axis),
  diag: ({ x }) => ({ diagonal: ct.diagonal(x), trace: ct.trace(x) }),
  embedding: ({ w, ids }, { padding_idx }: { padding_idx: number | null }) => {
    if (padding_idx === null) return ct.gather(w, ids);
    // The row is looked up but gets no gradient.
    const rows = w.shape[0];
    const padding = ct.iota([rows, 1]).equal((padding_idx + rows) % rows);
    return ct.gather(ct.where(padding, ct.stopGradient(w), w), ids);
  },
  expand: ({ x }, { shape }: { shape: number[] }) =>
    x.broadcastTo(shape.map((n, axis) => (n < 0 ? x.shape[axis + x.rank - shape.length] : n))),
  flip: ({ x }, { axes }: { axes: number[] }) => x.flip(axes),
  gather_elements: ({ x, idx }, { axis }: Axis) => ct.takeAlongAxis(x, idx, axis),
  index_add: ({ x, idx, src }, { axis }: Axis) => ct.scatterAdd(x, idx, src, axis),
  index_select: ({ x, idx }, { axis }: Axis) => ct.gather(x, idx, axis),
  nonzero_mask: ({ x, m }) => ct.where(m.notEqual(0), x, 0),
  one_hot: ({ ids }, { classes }: { classes: number }) => ct.oneHot(ids, classes, "int32"),
  pad: ({ x }, attrs: Padding) => pad(x, attrs),
  repeat_interleave: ({ x }, { repeats, axis }: Axis & { repeats: number }) => {
    const along = fromFront(x, axis);
    const apart = x.expandDims(along + 1);
    const copies = ct.tile(
      apart,
      apart.shape.map((_, a) => (a === along + 1 ? repeats : 1)),
    );
    return copies.reshape(x.shape.map((n, a) => (a === along ? n * repeats : n)));
  },
  reshape: ({ x }, { shape }: { shape: number[] }) => x.reshape(shape),
  roll: ({ x }, { shifts, axes }: { shifts: number[]; axes: number[] }) =>
    axes.reduce((y, axis, i) => roll(y, shifts[i], axis), x),
  scatter_elements: ({ x, idx, src }, { axis, reduce }: Axis & { reduce: string }) =>
    reduce === "add" ? ct.scatterAddAlongAxis(x, idx, src, axis) : replaced(x, idx, src, axis),
  slice: ({ x }, { slices }: { slices: (number | null)[][] }) => sliceAll(x, slices),
  split: ({ x }, { axis, sizes }: Axis & { sizes: number[] }) =>
    Object.fromEntries(ct.split(x, sizes, axis).map((part, i) => [`y${i}`, part])),
  stack: (inputs, { axis }: Axis) => ct.stack(Object.values(inputs), axis),
  tile: ({ x }, { repeats }: { repeats: number[] }) => x.tile(repeats),
  transpose: ({ x }, { perm }: { perm: number[] }) => x.transpose(perm),
  tril: ({ x }, { diagonal: k }: { diagonal: number }) => ({
    tril: ct.tril(x, k),
    triu: ct.triu(x, k),
  }),
};

/** What comes in from one end has gone out at the other. */
function roll(x: Tensor, shift: number, axis: number): Tensor {
  const n = x.shape[fromFront(x, axis)];
  const cut = ((-shift % n) + n) % n || 0;
  const [head, tail] = ct.split(x, [cut, n - cut], axis);
  return ct.concat([tail, head], axis);
}

/** x with elements of src in the place of others, at distinct indices along an axis. */
function replaced(x: Tensor, idx: Tensor, src: Tensor, axis: number): Tensor {
  const sumOf = (values: Tensor) => ct.scatterAddAlongAxis(ct.zeros(x.shape), idx, values, axis);
  return ct.where(sumOf(ct.ones(idx.shape)).greater(0), sumOf(src), x);
}

/** Python's slices: [start, stop, step] for each of the first axes, null where left out. */
function sliceAll(x: Tensor, slices: (number | null)[][]): Tensor {
  return x.slice(
    slices.map(([start]) => start ?? 0),
    slices.map(([, stop], axis) => stop ?? x.shape[axis]),
    slices.map(([, , step]) => step ?? 1),
  );
}

interface Padding {
  /** [before, after] of the last axis, then of the one before it, … */
  pad_torch_order: number[];
  mode: "constant" | "reflect" | "replicate" | "circular";
  value: number;
}

/** Which element of an axis of length n stands at place i, which may lie outside. */
const outside: Record<string, (i: number, n: number) => number> = {
  reflect: (i, n) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i),
  replicate: (i, n) => Math.min(Math.max(i, 0), n - 1),
  circular: (i, n) => (i + n) % n,
};

function pad(x: Tensor, { pad_torch_order: order, mode, value }: Padding): Tensor {
  const widths = x.shape.map((_, axis) => {
    const at = 2 * (x.rank - 1 - axis);
    return [order[at] ?? 0, order[at + 1] ?? 0];
  });
  if (mode !== "constant") {
    return widths.reduce((y, [before, after], axis) => {
      if (before === 0 && after === 0) return y;
      const n = y.shape[axis];
      const places = Int32Array.from({ length: before + n + after }, (_, i) =>
        outside[mode](i - before, n),
      );
      return ct.gather(y, ct.tensor(places), axis);
    }, x);
  }
  const cut = x.slice(
    widths.map(([before]) => Math.max(-before, 0)),
    widths.map(([, after], axis) => x.shape[axis] - Math.max(-after, 0)),
  );
  return ct.pad(
    cut,
    widths.map((pair) => pair.map((n) => Math.max(n, 0))),
    value,
  );
}
