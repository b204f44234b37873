import { checkNumber } from "../base/check-number.ts";
import { checkOptions } from "../base/options.ts";
import { broadcastShapes, normalizeAxis } from "../base/shape.ts";
import { apply, withOp } from "../graph/build.ts";
import type { CompositeOp } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { div, maximum, mul } from "./arithmetic.ts";
import { broadcastTo, sum } from "./broadcast.ts";
import { norm } from "./norm.ts";
import { operandsOf } from "./operands.ts";
import { checkFloat } from "./statistics.ts";

interface CosineSimilarityAttrs {
  axis: number;
  epsilon: number;
}

/** x/max(‖x‖, ε). */
const directionOf = (x: Tensor, { axis, epsilon }: CosineSimilarityAttrs): Tensor =>
  div(x, maximum(norm(x, axis, { keepDims: true }), epsilon));

const decompose = ([a, b]: readonly Tensor[], attrs: CosineSimilarityAttrs): Tensor =>
  sum(mul(directionOf(a, attrs), directionOf(b, attrs)), attrs.axis);

const op: CompositeOp<CosineSimilarityAttrs> = {
  kind: "composite",
  name: "cosineSimilarity",
  axial: true,
  infer: ([{ shape, dtype }], { axis }) => ({ shape: shape.toSpliced(axis, 1), dtype }),
  derivative: { kind: "composite", decompose },
  decompose,
  cpu([a, b], [{ shape }], { axis, epsilon }, _, { rowsAlong }) {
    const dot = (x: ArrayLike<number>, y: ArrayLike<number>, places: readonly number[]) =>
      places.reduce((s, i) => s + x[i] * y[i], 0);
    const length = (x: ArrayLike<number>, places: readonly number[]) =>
      Math.max(Math.sqrt(dot(x, x, places)), epsilon);
    return Float64Array.from(
      rowsAlong(shape, [axis]),
      (places) => dot(a, b, places) / (length(a, places) * length(b, places)),
    );
  },
};

/** What keeps `cosineSimilarity` from dividing by 0. */
export interface CosineSimilarityOptions {
  /** The least that a norm is taken for, so that the similarity with 0 is 0. */
  epsilon?: number;
}

/**
 * The cosine of the angle between a and b along an axis of the shape to which they broadcast,
 * ⟨a, b⟩/(max(‖a‖, ε) max(‖b‖, ε)); no square overflows or vanishes.
 * @param a float32
 * @param b float32, of a shape that broadcasts with that of a
 * @param axis the last by default
 * @param options the ε, 10⁻⁸ by default
 * @returns float32, without the axis
 * @throws DtypeError where an operand is not float32
 * @throws ShapeError where the shapes do not broadcast, or there is no such axis
 * @throws ValueError where ε is negative
 */
export const cosineSimilarity = withOp(
  (a: Tensor, b: Tensor, axis = -1, options: CosineSimilarityOptions = {}): Tensor => {
    checkOptions("cosineSimilarity", options, ["epsilon"]);
    const { epsilon = 1e-8 } = options;
    checkNumber("cosineSimilarity: epsilon", epsilon, "a number ≥ 0", (value) => value >= 0);
    const operands = operandsOf("cosineSimilarity", [a, b]);
    const [x, y] = operands;
    const shape = broadcastShapes("cosineSimilarity", x.shape, y.shape);
    for (const operand of operands) checkFloat("cosineSimilarity", operand);
    const attrs = { axis: normalizeAxis("cosineSimilarity", axis, shape), epsilon };
    return apply(
      op,
      operands.map((operand) => broadcastTo(operand, shape)),
      attrs satisfies CosineSimilarityAttrs,
    );
  },
  op,
);
