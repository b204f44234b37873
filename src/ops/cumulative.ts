import { hostArray, isFloat, type HostArray } from "../base/dtype.ts";
import { DtypeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { sizeOf, type Shape } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { CompositeOp, Spec } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { axisOf } from "./axes.ts";
import { pad, slice } from "./slice.ts";

export interface CumulativeOptions {
  /** Without the element itself: what comes before it; the first is 0, or 1 for products. False by default. */
  exclusive?: boolean;
  /** From the end to the start. False by default. */
  reverse?: boolean;
}

interface CumulativeAttrs {
  axis: number;
  exclusive: boolean;
  reverse: boolean;
}

/** x moved by some places along the axis in the direction of the scan, what comes in being `identity`. */
function shifted(x: Tensor, by: number, identity: number, { axis, reverse }: CumulativeAttrs) {
  const n = x.shape[axis];
  const along = (place: number, elsewhere: (n: number) => number) =>
    x.shape.map((length, a) => (a === axis ? place : elsewhere(length)));
  const zero = () => 0;
  const whole = (length: number) => length;
  const kept = reverse
    ? slice(x, along(by, zero), along(n, whole))
    : slice(x, along(0, zero), along(n - by, whole));
  const widths = x.shape.map((_, a) => (a !== axis ? [0, 0] : reverse ? [0, by] : [by, 0]));
  return pad(kept, widths, identity);
}

/**
 * All partial results by doubling: after the turn for s each element combines the 2s elements that end with it, so there
 * are log₂ n turns, and rounding grows with log n. Hillis, Steele: "Data parallel algorithms", 1986.
 */
function byDoubling(
  x: Tensor,
  combine: (before: Tensor, own: Tensor) => Tensor,
  identity: number,
  attrs: CumulativeAttrs,
): Tensor {
  const n = x.shape[attrs.axis];
  if (x.size === 0) return x;
  let y = attrs.exclusive ? shifted(x, Math.min(1, n), identity, attrs) : x;
  for (let s = 1; s < n; s *= 2) y = combine(shifted(y, s, identity, attrs), y);
  return y;
}

/** Calls `visit` with the place of each element of each row along the axis, in the direction of the scan. */
function forEachRow(
  shape: Shape,
  { axis, reverse }: CumulativeAttrs,
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
  attrs: CumulativeAttrs,
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

const checkNumbers = (op: string, { dtype }: Spec): void => {
  if (dtype === "bool") {
    throw new DtypeError(`${op}: takes numbers, got bool; cast it, as in x.cast("int32")`);
  }
};

const cumSumOp: CompositeOp<CumulativeAttrs> = {
  kind: "composite",
  name: "cumSum",
  infer([x]) {
    checkNumbers("cumSum", x);
    return { shape: x.shape, dtype: x.dtype };
  },
  // yᵢ = Σ_{j ≤ i} xⱼ, so x̄ⱼ = Σ_{i ≥ j} ȳᵢ: the same from the other end.
  derivative: {
    kind: "linear",
    transpose: (g, _, attrs) => [apply(cumSumOp, [g], { ...attrs, reverse: !attrs.reverse })],
  },
  decompose: ([x], attrs) => byDoubling(x, add, 0, attrs),
  cpu: ([x], [spec], attrs, out) => scanReal(x, spec, attrs, out, 0, (s, v) => s + v),
  complex([x], [spec], attrs, out) {
    const part = (values: HostArray) => scanReal(values, spec, attrs, out, 0, (s, v) => s + v);
    return { re: part(x.re), im: x.im && (part(x.im) as Float64Array) };
  },
  axial: true,
};

const cumProdOp: CompositeOp<CumulativeAttrs> = {
  kind: "composite",
  name: "cumProd",
  infer([x]) {
    checkNumbers("cumProd", x);
    return { shape: x.shape, dtype: x.dtype };
  },
  // Of products alone, without a division: right where elements are 0.
  derivative: { kind: "composite", decompose: ([x], attrs) => byDoubling(x, mul, 1, attrs) },
  decompose: ([x], attrs) => byDoubling(x, mul, 1, attrs),
  cpu: ([x], [spec], attrs, out) =>
    scanReal(x, spec, attrs, out, 1, isFloat(spec.dtype) ? (s, v) => s * v : Math.imul),
  complex([x], [spec], attrs, _out, _R, C) {
    const re = new Float64Array(x.re.length);
    const im = new Float64Array(x.re.length);
    forEachRow(spec.shape, attrs, (places) => {
      let state = { re: 1, im: 0 };
      for (const place of places) {
        const next = C.mul(state, { re: x.re[place], im: x.im?.[place] ?? 0 });
        const y = attrs.exclusive ? state : next;
        [re[place], im[place]] = [y.re, y.im];
        state = next;
      }
    });
    return { re, im };
  },
  axial: true,
};

function scan(op: CompositeOp<CumulativeAttrs>) {
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
export const cumSum = withOp(scan(cumSumOp), cumSumOp);

/**
 * The products of all elements up to each along an axis: yᵢ = Π_{j ≤ i} xⱼ, of x's shape and dtype; integers wrap. Its
 * gradient is right where elements are 0. Takes float32, int32 and uint32; a ShapeError where there is no such axis.
 */
export const cumProd = withOp(scan(cumProdOp), cumProdOp);
