import { checkInstance } from "../base/describe-value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkShape, sameShape, show, type Shape } from "../base/shape.ts";
import { Tensor } from "../graph/tensor.ts";
import { withTrace } from "../graph/trace.ts";
import { Variable } from "../graph/variable.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { ones, zeros } from "../ops/create.ts";
import { layerNorm as normalize, type LayerNormOptions } from "../ops/statistics.ts";
import { Module } from "./module.ts";

/** Layer normalisation with a weight and a bias for each element. */
export class LayerNorm extends Module {
  /** Of the layer's shape; ones at the start. */
  readonly weight: Variable;
  /** Of the layer's shape; zeros at the start. */
  readonly bias: Variable;
  readonly #options: LayerNormOptions;

  /**
   * @param size the length of the last axis, or the lengths of the last axes
   * @param options the ε, 10⁻⁵ by default
   * @throws ShapeError where that is no shape, or one without axes
   */
  constructor(size: number | Shape, options: LayerNormOptions) {
    super();
    checkOptions("layerNorm", options, ["epsilon"]);
    const shape = checkShape("layerNorm", typeof size === "number" ? [size] : size);
    if (shape.length === 0) {
      throw new ShapeError("layerNorm: the layer's shape has one axis or more, got []");
    }
    [this.weight, this.bias] = withTrace(null, () => [
      new Variable(ones(shape)),
      new Variable(zeros(shape)),
    ]);
    this.#options = options;
  }

  /**
   * The normalised rows, times the weight, plus the bias.
   * @param x float32, whose last axes are the layer's
   * @returns float32, of the shape of x
   * @throws ShapeError where x does not end in the layer's shape
   */
  forward(x: Tensor): Tensor {
    checkInstance("layerNorm", x, Tensor);
    const { shape, rank } = this.weight;
    if (!sameShape(x.shape.slice(-rank), shape)) {
      throw new ShapeError(
        `layerNorm: the input ${show(x.shape)} does not end in the layer's ${show(shape)}`,
      );
    }
    const axes = shape.map((_, axis) => axis - rank);
    return add(mul(normalize(x, axes, this.#options), this.weight), this.bias);
  }
}

/**
 * y = (x − mean)/√(variance + ε) · weight + bias over the last axis, which has `size` elements, or over the last axes
 * where a shape is given. Ba, Kiros, Hinton 2016.
 * @param size the length of the last axis, or the lengths of the last axes
 * @param options the ε, 10⁻⁵ by default
 * @throws ShapeError where that is no shape
 * @returns the layer
 */
export const layerNorm = (size: number | Shape, options: LayerNormOptions = {}): LayerNorm =>
  new LayerNorm(size, options);
