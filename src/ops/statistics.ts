import { checkNumber } from "../base/check-number.ts";
import { isFloat } from "../base/dtype.ts";
import { checkOptions } from "../base/options.ts";
import { sizeOf } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { CompositeOp, ReduceAttrs } from "../graph/op.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import { abs, add, div, maximum, mul, reciprocal, rsqrt, sqrt, square, sub } from "./arithmetic.ts";
import { axesOf, type Axes } from "./axes.ts";
import { keepAxes, sum } from "./broadcast.ts";
import { equal, where } from "./compare.ts";
import { reshape } from "./movement.ts";
import { numberAs } from "./operands.ts";
import { reduceAttrs, reducedShape, type ReduceOptions } from "./reduction.ts";
import { anchor, binade, opaque } from "./rounding.ts";
import { slice } from "./slice.ts";
import { wrongDtype } from "./takes.ts";

/** How many elements each result is made of. */
const countAlong = (x: Tensor, axes: readonly number[]) => sizeOf(axes.map((a) => x.shape[a]));

export function checkFloat(op: string, x: Tensor): void {
  if (!isFloat(x.dtype)) wrongDtype(op, "float32", describe(x));
}

/**
 * Σ x / n along some axes, along all where none are given; NaN where there are no elements.
 * @param x float32
 * @param axes one axis, or several; all by default; negative ones count from the back
 * @param options whether the axes are kept
 * @returns float32, without these axes
 * @throws DtypeError where x is not float32
 * @throws ShapeError where there is no such axis
 */
export function mean(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { axes: along, keepDims } = reduceAttrs("mean", x, axes, options);
  checkFloat("mean", x);
  return div(sum(x, along, { keepDims }), countAlong(x, along));
}

/** The same along some axes, which stay. */
const average = (x: Tensor, axes: readonly number[]) => mean(x, axes, { keepDims: true });

/** The divisor of a variance, and how the result is shaped. */
export interface VarianceOptions extends ReduceOptions {
  /** What is taken from n in the divisor: 0 for the population's variance, 1 for the sample's. */
  correction?: number;
}

/** How the elements of each row deviate from their mean. */
interface Deviations {
  /** x − mean. */
  centred: Tensor;
  /** A power of two about as large as the row's mean |x|. */
  unit: Tensor;
  /** Σ (centred/unit)²/n: no square overflows or vanishes. */
  variance: Tensor;
}

/**
 * The deviations of each row from its mean, right to the digits of their spread however large the mean is: what is left
 * by rounding it is averaged too. Chan, Golub, LeVeque: "Algorithms for computing the sample variance", 1983. The unit is
 * at least about `floor`.
 */
function deviations(x: Tensor, axes: readonly number[], floor = 0): Deviations {
  // What the mean is more than the first element: of equal ones nothing at all, whatever their sum is rounded to.
  const first =
    countAlong(x, axes) && slice(x, [], reducedShape(x.shape, { axes, keepDims: true }));
  const rough = sub(x, anchor(first, average(sub(x, first), axes)));
  const unit = binade(maximum(average(abs(x), axes), floor));
  const scaled = mul(rough, reciprocal(unit));
  const rest = average(scaled, axes);
  const variance = maximum(sub(average(square(scaled), axes), square(rest)), 0);
  return { centred: sub(rough, mul(rest, unit)), unit, variance };
}

/** x/y of a length y, and 0 where that is 0 and has no derivative: PyTorch's convention. */
export function direction(x: Tensor, y: Tensor): Tensor {
  const atOrigin = equal(y, 0);
  return where(atOrigin, 0, div(x, where(atOrigin, 1, y)));
}

interface VarianceAttrs extends ReduceAttrs {
  correction: number;
}

/** n − correction, of which nothing is left where it would be negative. */
const freedom = (x: Tensor, { axes, correction }: VarianceAttrs) =>
  Math.max(0, countAlong(x, axes) - correction);

const varianceOp: CompositeOp<VarianceAttrs> = {
  kind: "composite",
  name: "variance",
  infer: ([x], attrs) => ({ shape: reducedShape(x.shape, attrs), dtype: x.dtype }),
  axial: true,
  // dy = 2/(n − c) Σ (x − mean) dx
  derivative: {
    kind: "differential",
    differential([dx], [x], _, attrs) {
      const { axes, keepDims } = attrs;
      const { centred } = deviations(x, axes);
      return mul(sum(mul(centred, dx!), axes, { keepDims }), 2 / freedom(x, attrs));
    },
  },
  decompose([x], attrs) {
    const { variance, unit } = deviations(x, attrs.axes);
    const n = countAlong(x, attrs.axes);
    const y = mul(opaque(mul(div(mul(variance, n), freedom(x, attrs)), unit)), unit);
    return reshape(y, reducedShape(x.shape, attrs));
  },
  cpu: ([x], [{ shape }], { axes, correction }, _, R) =>
    Float64Array.from(R.rowsAlong(shape, axes), (places) => R.varianceOf(x, places, correction)),
};

const stdOp: CompositeOp<VarianceAttrs> = {
  ...varianceOp,
  name: "std",
  // dy = Σ (x − mean)/((n − c) y) dx, and 0 where all elements are equal, as in norm.
  derivative: {
    kind: "differential",
    differential([dx], [x], y, attrs) {
      const { axes, keepDims } = attrs;
      const { centred } = deviations(x, axes);
      const along = direction(centred, keepAxes(y, x.shape, axes));
      return div(sum(mul(along, dx!), axes, { keepDims }), freedom(x, attrs));
    },
  },
  decompose([x], attrs) {
    const { variance, unit } = deviations(x, attrs.axes);
    const n = countAlong(x, attrs.axes);
    const y = mul(sqrt(div(mul(variance, n), freedom(x, attrs))), unit);
    return reshape(y, reducedShape(x.shape, attrs));
  },
  cpu: ([x], [{ shape }], { axes, correction }, _, R) =>
    Float64Array.from(R.rowsAlong(shape, axes), (places) =>
      Math.sqrt(R.varianceOf(x, places, correction)),
    ),
};

/** A user's function for one of the two. */
const spreadBy = /* @__NO_SIDE_EFFECTS__ */ (op: CompositeOp<VarianceAttrs>) =>
  withOp(
    /**
     * @param x float32
     * @param axes one axis, or several; all by default; negative ones count from the back
     * @param options the correction, and whether the axes are kept
     * @returns float32, without these axes
     * @throws DtypeError where x is not float32
     * @throws ShapeError where there is no such axis
     */
    (x: Tensor, axes?: Axes, options: VarianceOptions = {}): Tensor => {
      const attrs = reduceAttrs(op.name, x, axes, options, ["keepDims", "correction"]);
      const { correction = 0 } = options;
      checkFloat(op.name, x);
      numberAs(op.name, correction, "float32");
      return apply(op, [x], { ...attrs, correction } satisfies VarianceAttrs);
    },
    op,
  );

/**
 * Σ (x − mean)² / (n − correction) along some axes, where a divisor below 0 is 0; right to the digits of the spread, so a
 * large mean does no harm.
 */
export const variance = spreadBy(varianceOp);

/** √variance; where all elements are equal its gradient is 0. */
export const std = spreadBy(stdOp);

interface LayerNormAttrs {
  axes: readonly number[];
  epsilon: number;
}

/** The least float32 that no device takes for 0. */
const SMALLEST = 2 ** -126;

/** x − mean, and 1/√(variance + ε). */
function standardise(x: Tensor, { axes, epsilon }: LayerNormAttrs): [centred: Tensor, by: Tensor] {
  const { centred, unit, variance } = deviations(x, axes, Math.sqrt(epsilon));
  const scale = reciprocal(unit);
  // In units, which are about √ε or more, ε does not overflow; where it would vanish it only has to be no 0.
  const own = maximum(mul(opaque(mul(scale, epsilon)), scale), epsilon > 0 ? SMALLEST : 0);
  return [centred, mul(rsqrt(add(variance, own)), scale)];
}

const layerNormOp: CompositeOp<LayerNormAttrs> = {
  kind: "composite",
  name: "layerNorm",
  infer: ([x]) => x,
  axial: true,
  // With s = 1/√(variance + ε): dy = s (dx − mean dx − y mean(y dx)).
  derivative: {
    kind: "differential",
    differential([dx], [x], y, attrs) {
      const [, s] = standardise(x, attrs);
      const [shift, along] = [dx!, mul(y, dx!)].map((t) => average(t, attrs.axes));
      return mul(s, sub(sub(dx!, shift), mul(y, along)));
    },
  },
  decompose: ([x], attrs) => mul(...standardise(x, attrs)),
  cpu([x], [{ shape }], { axes, epsilon }, _, R) {
    const y = new Float64Array(x.length);
    for (const places of R.rowsAlong(shape, axes)) {
      const size = Math.sqrt(R.varianceOf(x, places) + epsilon);
      R.deviationsOf(x, places).forEach((v, j) => (y[places[j]] = v / size));
    }
    return y;
  },
};

/** What keeps `layerNorm` from dividing by 0. */
export interface LayerNormOptions {
  /** Added to the variance. */
  epsilon?: number;
}

/**
 * (x − mean) / √(variance + ε) along some axes, the last by default. Ba, Kiros, Hinton 2016.
 * @param x float32
 * @param axes one axis, or several; the last by default
 * @param options the ε
 * @returns float32, of the shape of x
 * @throws DtypeError where x is not float32
 * @throws ShapeError where there is no such axis
 * @throws ValueError where ε is negative
 */
export const layerNorm = withOp(
  (x: Tensor, axes: Axes = -1, options: LayerNormOptions = {}): Tensor => {
    checkOptions("layerNorm", options, ["epsilon"]);
    const { epsilon = 1e-5 } = options;
    const along = axesOf("layerNorm", x, axes);
    checkFloat("layerNorm", x);
    checkNumber("layerNorm: epsilon", epsilon, "a number ≥ 0", (value) => value >= 0);
    return apply(layerNormOp, [x], { axes: along, epsilon } satisfies LayerNormAttrs);
  },
  layerNormOp,
);
