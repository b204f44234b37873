import { hostArray, type HostArray } from "../base/dtype.ts";
import { checkShape, MAX_SIZE, sizeOf, type Shape } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { CompositeOp, Rules, Spec } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "./arithmetic.ts";
import { broadcastTo, sum } from "./broadcast.ts";
import { concat, split } from "./concat.ts";
import { matmul } from "./matmul.ts";
import { reshape, transpose } from "./movement.ts";
import { windows } from "./windows.ts";

// A convolution is the trilinear form Σ x[n, g, c, i] w[g, o, c, k] y[n, g, o, p] over all i, k and p that meet: along
// each axis, i = stride · p + dilation · k − padding. Without y it is the convolution of x and w; without x or w it is
// the gradient of that one. So there are three ops, and each has the two others for its derivatives. All are products of
// matrices, one of which is made of windows; a product reads them where they are, and no window is ever written.

/** An axis of a convolution. */
export interface ConvAxis {
  readonly stride: number;
  readonly dilation: number;
  /** Zeros in front of x. */
  readonly padding: number;
  /** The lengths of x, w and y. */
  readonly input: number;
  readonly kernel: number;
  readonly output: number;
}

interface ConvAttrs {
  readonly axes: readonly ConvAxis[];
}

type ConvTensor = "input" | "kernel" | "output";

const lengths = ({ axes }: ConvAttrs, part: ConvTensor) => axes.map((axis) => axis[part]);
const areaOf = (attrs: ConvAttrs, part: ConvTensor) => sizeOf(lengths(attrs, part));

/** y from x and w. */
const convOp: CompositeOp<ConvAttrs> = {
  kind: "composite",
  name: "conv",
  infer([x, w], attrs) {
    checkWindows("conv", x, attrs, "output");
    return {
      shape: [x.shape[0], ...w.shape.slice(0, 2), ...lengths(attrs, "output")],
      dtype: x.dtype,
    };
  },
  derivative: {
    kind: "multilinear",
    transpose: (g, [x, w], { axes }) => [
      convInputGradient(g, w, axes),
      convWeightGradient(x, g, axes),
    ],
  },
  // In each group: w as [o, c · kernel] by the windows of x as [c · kernel, output].
  decompose([x, w], attrs) {
    const halves = inHalves(x, attrs, "output");
    if (halves) return concat(halves.map((half) => conv(half, w, attrs.axes)));
    const [g, o, c] = w.shape;
    const y = matmul(
      asRows(reshape(w, [g, o, c, areaOf(attrs, "kernel")])),
      windowsOfInput(x, attrs),
    );
    return reshape(y, [x.shape[0], g, o, ...lengths(attrs, "output")]);
  },
  ...reference(
    ([n], w) => [n, w[0], w[1], w[2]],
    (a, b, y) => (i, k, p) => (y[p] += a[i] * b[k]),
  ),
  batch: (inputs, mapped, attrs) => inGroups(convOp, attrs, inputs, mapped, [1, 0], 1),
};

/** x from y and w. */
const convInputGradientOp: CompositeOp<ConvAttrs> = {
  kind: "composite",
  name: "convInputGradient",
  infer([y, w], attrs) {
    checkWindows("convInputGradient", y, attrs, "input");
    return {
      shape: [...y.shape.slice(0, 2), w.shape[2], ...lengths(attrs, "input")],
      dtype: y.dtype,
    };
  },
  derivative: {
    kind: "multilinear",
    transpose: (g, [y, w], { axes }) => [conv(g, w, axes), convWeightGradient(g, y, axes)],
  },
  // In each group: w as [c, o · kernel] by the windows of y as [o · kernel, input].
  decompose([y, w], attrs) {
    const halves = inHalves(y, attrs, "input");
    if (halves) return concat(halves.map((half) => convInputGradient(half, w, attrs.axes)));
    const [g, o, c] = w.shape;
    const weights = transpose(reshape(w, [g, o, c, areaOf(attrs, "kernel")]), [0, 2, 1, 3]);
    const x = matmul(asRows(weights), windowsOfOutput(y, attrs));
    return reshape(x, [y.shape[0], g, c, ...lengths(attrs, "input")]);
  },
  ...reference(
    ([n], w) => [n, w[0], w[1], w[2]],
    (a, b, x) => (i, k, p) => (x[i] += a[p] * b[k]),
  ),
  batch: (inputs, mapped, attrs) => inGroups(convInputGradientOp, attrs, inputs, mapped, [1, 0], 1),
};

/** w from x and y. */
const convWeightGradientOp: CompositeOp<ConvAttrs> = {
  kind: "composite",
  name: "convWeightGradient",
  infer: ([x, y], attrs) => ({
    shape: [...y.shape.slice(1, 3), x.shape[2], ...lengths(attrs, "kernel")],
    dtype: x.dtype,
  }),
  derivative: {
    kind: "multilinear",
    transpose: (g, [x, y], { axes }) => [convInputGradient(y, g, axes), conv(x, g, axes)],
  },
  // In each group: y as [o, n · output] by the windows of x as [n · output, c · kernel], a part of the terms at a time.
  decompose([x, y], attrs) {
    const halves = inHalves(x, attrs, "output");
    if (halves) {
      const others = split(
        y,
        halves.map((half) => half.shape[0]),
      );
      const [first, second] = halves.map((half, i) =>
        convWeightGradient(half, others[i], attrs.axes),
      );
      return add(first, second);
    }
    const [n, g, c] = x.shape;
    const o = y.shape[2];
    const [kernel, output] = [areaOf(attrs, "kernel"), areaOf(attrs, "output")];
    const size = g * o * c * kernel;
    const parts = partsOf(n, output, Math.max(x.size, y.size) / size);
    const terms = (n * output) / parts;
    const left = transpose(reshape(y, [n, g, o, output]), [1, 2, 0, 3]);
    // What is summed over parts is put in the order of weights by that; else the terms are in it, and who reads them needn't.
    const isLast = parts > 1 && inFours(c);
    const right = transpose(windowsOfInput(x, attrs, isLast), [0, 3, 1, 2]);
    const products = matmul(
      transpose(reshape(left, [g, o, parts, terms]), [2, 0, 1, 3]),
      transpose(reshape(right, [parts, terms, g, c * kernel]), [0, 2, 1, 3]),
    );
    const inOrder = isLast
      ? transpose(reshape(products, [parts, g, o, kernel, c]), [0, 1, 2, 4, 3])
      : products;
    const total = parts === 1 ? inOrder : sum(inOrder, 0);
    return reshape(total, [g, o, c, ...lengths(attrs, "kernel")]);
  },
  ...reference(
    ([n, g, c], y) => [n, g, y[2], c],
    (a, b, w) => (i, k, p) => (w[k] += a[i] * b[p]),
  ),
  batch: (inputs, mapped, attrs) =>
    inGroups(convWeightGradientOp, attrs, inputs, mapped, [1, 1], 0),
};

/** Throws a ShapeError where the windows of one example have more elements than can be counted. */
function checkWindows(
  op: string,
  { shape: [, g, c] }: Spec,
  attrs: ConvAttrs,
  part: ConvTensor,
): void {
  const shape = [g, c, ...lengths(attrs, "kernel"), ...lengths(attrs, part)];
  checkShape(`${op}: the windows of one example`, shape);
}

/** Two halves of a batch, where the elements of all its windows are more than can be counted. */
function inHalves(x: Tensor, attrs: ConvAttrs, part: ConvTensor): Tensor[] | null {
  const [n, g, c] = x.shape;
  const size = n * g * c * areaOf(attrs, "kernel") * areaOf(attrs, part);
  const first = Math.ceil(n / 2);
  return size > MAX_SIZE && n > 1 ? split(x, [first, n - first]) : null;
}

/**
 * What y is made of, as [n, g, c · kernel, output]: element k of window p is x[stride · p + dilation · k − padding].
 */
const windowsOfInput = (x: Tensor, attrs: ConvAttrs, isLast = inFours(x.shape[2])) =>
  asColumns(
    windows(
      x,
      attrs.axes.map(({ stride, dilation, padding, kernel, output }) => ({
        windows: output,
        size: kernel,
        step: stride,
        dilation,
        offset: -padding,
        gap: 1,
      })),
    ),
    attrs,
    "output",
    isLast,
  );

/**
 * What x contributes to, as [n, g, o · kernel, input]: element k of window i is y[(i − dilation · k + padding) / stride].
 */
const windowsOfOutput = (y: Tensor, attrs: ConvAttrs) =>
  asColumns(
    windows(
      y,
      attrs.axes.map(({ stride, dilation, padding, kernel, input }) => ({
        windows: input,
        size: kernel,
        step: 1,
        dilation: -dilation,
        offset: padding,
        gap: stride,
      })),
    ),
    attrs,
    "input",
    inFours(y.shape[2]),
  );

/**
 * Products take four terms at a time: where channels are whole fours, these are four channels at one place of the kernel, and
 * where they are read is computed once instead of four times.
 */
const inFours = (channels: number) => channels % 4 === 0;

/** [., ., channels, kernel, ...] with channels next to each other. */
const channelsLast = (x: Tensor) => transpose(x, axesOf(x.rank).toSpliced(2, 2, 3, 2));

/** Weights [g, rows, channels, kernel] as matrices [g, rows, terms]. */
function asRows(w: Tensor): Tensor {
  const [g, rows, channels, kernel] = w.shape;
  return reshape(inFours(channels) ? channelsLast(w) : w, [g, rows, channels * kernel]);
}

/** Windows [n, g, channels, ...kernel, ...part] as matrices [n, g, terms, part]; channels may be last in the terms. */
function asColumns(all: Tensor, attrs: ConvAttrs, part: ConvTensor, isLast: boolean): Tensor {
  const [n, g, channels] = all.shape;
  const [kernel, count] = [areaOf(attrs, "kernel"), areaOf(attrs, part)];
  const apart = reshape(all, [n, g, channels, kernel, count]);
  return reshape(isLast ? channelsLast(apart) : apart, [n, g, channels * kernel, count]);
}

/** Longer sums are made in parts: for their precision, and since weights are few and threads many. */
const LONGEST_SUM = 1024;

/** Into how many parts the sums over a batch of outputs are cut, at most `most`; parts divide the batch or an output. */
function partsOf(batch: number, output: number, most: number): number {
  const terms = batch * output;
  let parts = 1;
  for (let n = 1; n <= Math.min(terms, most) && terms > parts * LONGEST_SUM; n++) {
    if (terms % n === 0 && (batch % n === 0 || n % batch === 0)) parts = n;
  }
  return parts;
}

/** How many examples, groups, and channels of y and of x in each group. */
type Counts = readonly [n: number, g: number, o: number, c: number];

/** Adds a term to the result, from the places of what meets in x, w and y. */
type AddTerm = (i: number, k: number, p: number) => void;

/** The rules for the reference, by how a term of two operands is added. */
/* @__NO_SIDE_EFFECTS__ */
function reference(
  countsOf: (a: Shape, b: Shape) => Counts,
  adding: (a: HostArray, b: HostArray, result: HostArray) => AddTerm,
): Pick<Rules<ConvAttrs>, "cpu" | "complex"> {
  const add = (
    a: HostArray,
    b: HostArray,
    [s, t]: readonly Spec[],
    attrs: ConvAttrs,
    out: Spec,
  ) => {
    const result = hostArray(out.dtype, sizeOf(out.shape));
    forEachTerm(countsOf(s.shape, t.shape), attrs, adding(a, b, result));
    return result;
  };
  return {
    cpu: ([a, b], specs, attrs, out) => add(a, b, specs, attrs, out),
    complex: ([a, b], specs, attrs, out, R) =>
      R.bilinear((x, y) => add(x, y, specs, attrs, out), a, b),
  };
}

function forEachTerm([n, g, o, c]: Counts, attrs: ConvAttrs, visit: AddTerm): void {
  const meeting = meetingIn(attrs);
  const [input, kernel, output] = [
    areaOf(attrs, "input"),
    areaOf(attrs, "kernel"),
    areaOf(attrs, "output"),
  ];
  for (let group = 0; group < n * g; group++) {
    for (let to = 0; to < o; to++) {
      for (let from = 0; from < c; from++) {
        const x = (group * c + from) * input;
        const w = (((group % g) * o + to) * c + from) * kernel;
        const y = (group * o + to) * output;
        for (const [i, k, p] of meeting) visit(x + i, w + k, y + p);
      }
    }
  }
}

/** The places of what meets in one channel: in all axes, i = stride · p + dilation · k − padding. */
function meetingIn({ axes }: ConvAttrs): [i: number, k: number, p: number][] {
  return axes.reduce<[number, number, number][]>(
    (before, { stride, dilation, padding, input, kernel, output }) =>
      before.flatMap(([i, k, p]) => {
        const found: [number, number, number][] = [];
        for (let at = 0; at < output; at++) {
          for (let tap = 0; tap < kernel; tap++) {
            const from = stride * at + dilation * tap - padding;
            if (from < 0 || from >= input) continue;
            found.push([i * input + from, k * kernel + tap, p * output + at]);
          }
        }
        return found;
      }),
    [[0, 0, 0]],
  );
}

/** An op on a batch, each example of which is a group; `places` tells which axes of the operands and `at` which one of the result are the groups. */
function inGroups(
  op: CompositeOp<ConvAttrs>,
  attrs: ConvAttrs,
  inputs: readonly Tensor[],
  mapped: readonly boolean[],
  places: readonly number[],
  at: number,
): Tensor {
  const [batch] = inputs[mapped.indexOf(true)].shape;
  const operands = inputs.map((x, i) => {
    const all = mapped[i] ? x : broadcastTo(x, [batch, ...x.shape]);
    const axis = places[i];
    const moved = transpose(all, orderTo(axis, all.rank));
    const [g] = moved.shape.slice(axis + 1);
    return reshape(moved, moved.shape.toSpliced(axis, 2, batch * g));
  });
  const y = apply(op, operands, attrs);
  const apart = reshape(y, y.shape.toSpliced(at, 1, batch, y.shape[at] / batch));
  return transpose(apart, orderFrom(at, apart.rank));
}

const axesOf = (rank: number) => Array.from({ length: rank }, (_, axis) => axis);
/** Brings the first axis to a place, and one from there to the front. */
const orderTo = (place: number, rank: number) =>
  axesOf(rank).toSpliced(0, 1).toSpliced(place, 0, 0);
const orderFrom = (place: number, rank: number) => [place, ...axesOf(rank).toSpliced(place, 1)];

/** [n, g, c, ...input] and [g, o, c, ...kernel] → [n, g, o, ...output]. */
export const conv = withOp(
  (x: Tensor, w: Tensor, axes: readonly ConvAxis[]): Tensor => apply(convOp, [x, w], { axes }),
  convOp,
);

/** [n, g, o, ...output] and [g, o, c, ...kernel] → [n, g, c, ...input]: the adjoint of `conv` in x. */
export const convInputGradient = withOp(
  (y: Tensor, w: Tensor, axes: readonly ConvAxis[]): Tensor =>
    apply(convInputGradientOp, [y, w], { axes }),
  convInputGradientOp,
);

/** [n, g, c, ...input] and [n, g, o, ...output] → [g, o, c, ...kernel]: the adjoint of `conv` in w. */
export const convWeightGradient = withOp(
  (x: Tensor, y: Tensor, axes: readonly ConvAxis[]): Tensor =>
    apply(convWeightGradientOp, [x, y], { axes }),
  convWeightGradientOp,
);
