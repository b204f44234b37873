import { hostArray, isFloat, type HostArray } from "../base/dtype.ts";
import { DtypeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { sizeOf, type Shape } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { ComplexArray, CompositeOp, Rules, ScanAttrs, ScanOp, Spec } from "../graph/op.ts";
import { constant, infix } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { axisOf } from "./axes.ts";
import { reshape } from "./movement.ts";
import { pad, slice } from "./slice.ts";

/** How `cumSum` and `cumProd` go along an axis. */
export interface CumulativeOptions {
  /** Without the element itself: what comes before it; the first is 0, or 1 for products. False by default. */
  exclusive?: boolean;
  /** From the end to the start. False by default. */
  reverse?: boolean;
}

interface CumulativeAttrs extends ScanAttrs {
  readonly exclusive: boolean;
}

/** Rows that one thread goes through; longer ones are cut into blocks. */
const LONGEST_ROW = 256;

/** x moved one place along the axis in the direction of the scan, what comes in being `first`. */
function shifted(x: Tensor, first: number, { axis, reverse }: ScanAttrs): Tensor {
  const n = x.shape[axis];
  const by = Math.min(1, n);
  const along = (place: number, elsewhere: (length: number) => number) =>
    x.shape.map((length, a) => (a === axis ? place : elsewhere(length)));
  const start = along(reverse ? by : 0, () => 0);
  const end = along(n - (reverse ? 0 : by), (length) => length);
  return pad(slice(x, start, end), behind(x, axis, by, !reverse), first);
}

/** Widths of a pad along an axis, at its end or at its start. */
const behind = (x: Tensor, axis: number, by: number, atStart: boolean) =>
  x.shape.map((_, a) => (a !== axis ? [0, 0] : atStart ? [by, 0] : [0, by]));

/** What an op is made of: scans of short rows. `combine` is what the scan does to two numbers. */
function inShortRows(
  x: Tensor,
  { axis, exclusive, reverse }: CumulativeAttrs,
  scan: ScanOp,
  combine: (a: Tensor, b: Tensor) => Tensor,
  identity: number,
): Tensor {
  const elements = exclusive ? shifted(x, identity, { axis, reverse }) : x;
  const n = x.shape[axis];
  if (x.size === 0 || n === 1) return elements;
  if (n <= LONGEST_ROW) return apply(scan, [elements], { axis, reverse });
  // Blocks of blocks of …, all about as long: each is scanned by itself, and combined with what comes before it.
  let levels = 2;
  while (LONGEST_ROW ** levels < n) levels++;
  const length = Math.ceil(n ** (1 / levels));
  const blocks = Math.ceil(n / length);
  const outer = sizeOf(x.shape.slice(0, axis));
  const rows = reshape(elements, [outer, n, -1]);
  const padded = pad(rows, behind(rows, 1, blocks * length - n, reverse), identity);
  const inner = rows.shape[2];
  const inBlocks = apply(scan, [reshape(padded, [outer, blocks, length, inner])], {
    axis: 2,
    reverse,
  });
  const last = reverse ? 0 : length - 1;
  const wholes = slice(inBlocks, [0, 0, last, 0], [outer, blocks, last + 1, inner]);
  const before = inShortRows(
    reshape(wholes, [outer, blocks, inner]),
    { axis: 1, exclusive: true, reverse },
    scan,
    combine,
    identity,
  );
  const all = combine(reshape(before, [outer, blocks, 1, inner]), inBlocks);
  const first = reverse ? blocks * length - n : 0;
  const there = slice(
    reshape(all, [outer, blocks * length, inner]),
    [0, first, 0],
    [outer, first + n, inner],
  );
  return reshape(there, x.shape);
}

/** Calls `visit` with the place of each element of each row along the axis, in the direction of the scan. */
function forEachRow(
  shape: Shape,
  { axis, reverse }: ScanAttrs,
  visit: (places: Int32Array) => void,
): void {
  const n = shape[axis];
  const inner = sizeOf(shape.slice(axis + 1));
  const places = new Int32Array(n);
  for (let outer = 0; outer < sizeOf(shape.slice(0, axis)); outer++) {
    for (let i = 0; i < inner; i++) {
      const place = (k: number) => (outer * n + (reverse ? n - 1 - k : k)) * inner + i;
      visit(places.map((_, k) => place(k)));
    }
  }
}

function scanReal(
  x: HostArray,
  { shape }: Spec,
  attrs: ScanAttrs & Partial<CumulativeAttrs>,
  out: Spec,
  identity: number,
  combine: (state: number, value: number) => number,
): HostArray {
  const y = hostArray(out.dtype, x.length);
  forEachRow(shape, attrs, (places) => {
    let state = identity;
    for (const place of places) {
      const next = combine(state, x[place]);
      y[place] = attrs.exclusive ? state : next;
      state = next;
    }
  });
  return y;
}

function infer(op: string, { shape, dtype }: Spec): Spec {
  if (dtype === "bool") {
    throw new DtypeError(`${op}: takes numbers, got bool; cast it, as in x.cast("int32")`);
  }
  return { shape, dtype };
}

type ReferenceRules = Pick<
  Rules<ScanAttrs & Partial<CumulativeAttrs>>,
  "cpu" | "complex" | "axial"
>;

const sums: ReferenceRules = {
  cpu: ([x], [spec], attrs, out) => scanReal(x, spec, attrs, out, 0, (s, v) => s + v),
  complex([x], [spec], attrs, out) {
    const part = (values: HostArray) => scanReal(values, spec, attrs, out, 0, (s, v) => s + v);
    return { re: part(x.re), im: x.im && (part(x.im) as Float64Array) };
  },
  axial: true,
};

const products: ReferenceRules = {
  cpu: ([x], [spec], attrs, out) =>
    scanReal(x, spec, attrs, out, 1, isFloat(spec.dtype) ? (s, v) => s * v : Math.imul),
  complex([x], [spec], attrs, _out, _R, C) {
    const re = new Float64Array(x.re.length);
    const im = new Float64Array(x.re.length);
    forEachRow(spec.shape, attrs, (places) => {
      let state = { re: 1, im: 0 };
      for (const place of places) {
        const next = C.mul(state, at(x, place));
        const y = attrs.exclusive ? state : next;
        [re[place], im[place]] = [y.re, y.im];
        state = next;
      }
    });
    return { re, im };
  },
  axial: true,
};

const at = ({ re, im }: ComplexArray, i: number) => ({ re: re[i], im: im?.[i] ?? 0 });

// yᵢ = Σ_{j ≤ i} xⱼ, so x̄ⱼ = Σ_{i ≥ j} ȳᵢ: the same from the other end.
const runningSum: ScanOp = {
  kind: "scan",
  name: "runningSum",
  infer: ([x]) => infer("runningSum", x),
  derivative: {
    kind: "linear",
    transpose: (g, _, attrs) => [apply(runningSum, [g], { ...attrs, reverse: !attrs.reverse })],
  },
  scan: (dtype) => ({
    identity: constant(0, dtype),
    next: (before, [x]) => infix(before, "+", x),
  }),
  ...sums,
};

const cumSumOp: CompositeOp<CumulativeAttrs> = {
  kind: "composite",
  name: "cumSum",
  infer: ([x]) => infer("cumSum", x),
  derivative: {
    kind: "linear",
    transpose: (g, _, attrs) => [apply(cumSumOp, [g], { ...attrs, reverse: !attrs.reverse })],
  },
  decompose: ([x], attrs) => inShortRows(x, attrs, runningSum, add, 0),
  ...sums,
};

/** yᵢ = aᵢ yᵢ₋₁ + bᵢ, from y₋₁ = 0. */
const recurrenceOp: ScanOp = {
  kind: "scan",
  name: "recurrence",
  infer: ([a]) => infer("recurrence", a),
  // b̄ᵢ = ȳᵢ + aᵢ₊₁ b̄ᵢ₊₁: the same from the other end; āᵢ = b̄ᵢ yᵢ₋₁.
  derivative: {
    kind: "pullback",
    pull(g, [a, b], attrs) {
      const back = { ...attrs, reverse: !attrs.reverse };
      const db = recurrence(shifted(a, 0, back), g, back);
      return [mul(db, shifted(recurrence(a, b, attrs), 0, attrs)), db];
    },
  },
  scan: (dtype) => ({
    identity: constant(0, dtype),
    next: (before, [a, b]) => infix(infix(a, "*", before), "+", b),
  }),
  cpu([a, b], [spec], attrs, out) {
    const y = hostArray(out.dtype, a.length);
    forEachRow(spec.shape, attrs, (places) => {
      let state = 0;
      for (const place of places) y[place] = state = a[place] * state + b[place];
    });
    return y;
  },
  complex([a, b], [spec], attrs, _out, _R, C) {
    const re = new Float64Array(a.re.length);
    const im = new Float64Array(a.re.length);
    forEachRow(spec.shape, attrs, (places) => {
      let state = { re: 0, im: 0 };
      for (const place of places) {
        state = C.add(C.mul(at(a, place), state), at(b, place));
        [re[place], im[place]] = [state.re, state.im];
      }
    });
    return { re, im };
  },
  axial: true,
};

const recurrence = (a: Tensor, b: Tensor, attrs: ScanAttrs): Tensor =>
  apply(recurrenceOp, [a, b], attrs);

const runningProduct: ScanOp = {
  kind: "scan",
  name: "runningProduct",
  infer: ([x]) => infer("runningProduct", x),
  // yᵢ = xᵢ yᵢ₋₁, so dyᵢ = xᵢ dyᵢ₋₁ + dxᵢ yᵢ₋₁: without a division, and right where elements are 0.
  derivative: {
    kind: "differential",
    differential: ([dx], [x], y, attrs) => recurrence(x, mul(dx!, shifted(y, 1, attrs)), attrs),
  },
  scan: (dtype) => ({
    identity: constant(1, dtype),
    next: (before, [x]) => infix(before, "*", x),
  }),
  ...products,
};

const inProducts = ([x]: readonly Tensor[], attrs: CumulativeAttrs) =>
  inShortRows(x, attrs, runningProduct, mul, 1);

const cumProdOp: CompositeOp<CumulativeAttrs> = {
  kind: "composite",
  name: "cumProd",
  infer: ([x]) => infer("cumProd", x),
  derivative: { kind: "composite", decompose: inProducts },
  decompose: inProducts,
  ...products,
};

function cumulative(op: CompositeOp<CumulativeAttrs>) {
  /**
   * @param x float32, int32 or uint32
   * @param axis negative ones count from the back
   * @param options the direction, and whether an element counts itself
   * @returns of the shape and dtype of x
   * @throws DtypeError where x is bool
   * @throws ShapeError where there is no such axis
   */
  return (x: Tensor, axis: number, options: CumulativeOptions = {}): Tensor => {
    const along = axisOf(op.name, x, axis);
    checkOptions(op.name, options, ["exclusive", "reverse"]);
    const { exclusive = false, reverse = false } = options;
    return apply(op, [x], { axis: along, exclusive, reverse });
  };
}

/**
 * The sums of all elements up to each along an axis: yᵢ = Σ_{j ≤ i} xⱼ, of x's shape and dtype; integers wrap. Takes
 * float32, int32 and uint32; a ShapeError where there is no such axis.
 */
export const cumSum = withOp(cumulative(cumSumOp), cumSumOp);

/**
 * The products of all elements up to each along an axis: yᵢ = Π_{j ≤ i} xⱼ, of x's shape and dtype; integers wrap. Its
 * gradient is right where elements are 0. Takes float32, int32 and uint32; a ShapeError where there is no such axis.
 *
 * A GPU multiplies rows of more than 256 in blocks, and then these with each other: where the product of a block is more
 * than float32 holds, all from there on is ∞, or NaN after a 0, though numbers before it would make it finite.
 */
export const cumProd = withOp(cumulative(cumProdOp), cumProdOp);
