import { geometryOf, kernelOf, type ConvGeometry, type Sizes } from "../base/conv-geometry.ts";
import { ShapeError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkShape, show, sizeOf } from "../base/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { withTrace } from "../graph/trace.ts";
import { Variable } from "../graph/variable.ts";
import { conv1d as convolve1d, conv2d as convolve2d } from "../ops/conv.ts";
import { Module } from "./module.ts";
import { byFanIn, checkInitializers, startValue, type StartValues } from "./start-values.ts";

/** How a layer of `nn.conv1d` or `nn.conv2d` goes over its input, and how it starts. */
export interface ConvLayerOptions extends ConvGeometry, StartValues {
  /** Whether b is added; true by default. */
  bias?: boolean;
}

const kinds = {
  conv1d: { axes: 1, convolve: convolve1d },
  conv2d: { axes: 2, convolve: convolve2d },
};

/** The convolution of x [n, in, ...lengths] with a weight, plus a bias for each channel. */
export class Conv extends Module {
  /** [out, in / groups, ...kernel] */
  readonly weight: Variable;
  /** [out] */
  readonly bias: Variable | null;
  readonly #convolve: (x: Tensor) => Tensor;

  /**
   * @param name "conv1d" or "conv2d"
   * @param inputs channels of x
   * @param outputs channels of y
   * @param kernel the lengths of the kernel: a number, or one for each axis
   * @param options stride, padding, dilation, groups, bias and start values
   * @throws ShapeError where channels, groups or the kernel do not fit
   * @throws ValueError where an option is out of range
   */
  constructor(
    name: keyof typeof kinds,
    inputs: number,
    outputs: number,
    kernel: Sizes,
    options: ConvLayerOptions,
  ) {
    super();
    const known = ["stride", "padding", "dilation", "groups"] as const;
    checkOptions(name, options, ["bias", "weightInit", "biasInit", ...known]);
    const { bias = true, weightInit, biasInit, ...geometry } = options;
    checkInitializers(name, options);
    checkShape(name, [inputs, outputs]);
    const { axes, convolve } = kinds[name];
    const size = kernelOf(name, kernel, axes);
    const { groups } = geometryOf(name, geometry, axes);
    if (inputs === 0) throw new ShapeError(`${name}: there are no inputs to weigh`);
    if (inputs % groups !== 0 || outputs % groups !== 0) {
      throw new ValueError(
        `${name}: ${groups} groups do not divide the channels, ${show([inputs, outputs])}`,
      );
    }
    const shape = [outputs, inputs / groups, ...size];
    const even = byFanIn(sizeOf(shape.slice(1)));
    // A module made while a function is traced has weights that outlast the trace.
    [this.weight, this.bias] = withTrace(null, () => [
      new Variable(startValue(name, "weightInit", weightInit ?? even, shape)),
      bias ? new Variable(startValue(name, "biasInit", biasInit ?? even, [outputs])) : null,
    ]);
    this.#convolve = (x) =>
      convolve(x, this.weight, { ...geometry, ...(this.bias && { bias: this.bias }) });
  }

  /**
   * The convolution, and the bias.
   * @param x float32 [n, inputs, ...lengths]
   * @returns float32 [n, outputs, ...lengths']
   */
  forward(x: Tensor): Tensor {
    return this.#convolve(x);
  }
}

/**
 * A layer that makes [n, outputs, length'] of x [n, inputs, length]; it starts from ±1/√fanIn, uniform.
 * @param inputs channels of x
 * @param outputs channels of y
 * @param kernel the lengths of the kernel: a number, or one for each axis
 * @param options stride, padding, dilation, groups, bias and start values
 * @returns the layer
 * @throws ShapeError where channels, groups or the kernel do not fit
 * @throws ValueError where an option is out of range
 */
export const conv1d = (
  inputs: number,
  outputs: number,
  kernel: Sizes,
  options: ConvLayerOptions = {},
): Conv => new Conv("conv1d", inputs, outputs, kernel, options);

/**
 * A layer that makes [n, outputs, height', width'] of x [n, inputs, height, width]; it starts from ±1/√fanIn, uniform.
 *
 * Pooling after it, of blocks of 2 × 2, is `x.reshape([n, c, h / 2, 2, w / 2, 2]).max([3, 5])`, or `mean` for the average;
 * `nn.activation` makes a layer of it.
 * @param inputs channels of x
 * @param outputs channels of y
 * @param kernel the lengths of the kernel: a number, or one for each axis
 * @param options stride, padding, dilation, groups, bias and start values
 * @returns the layer
 * @throws ShapeError where channels, groups or the kernel do not fit
 * @throws ValueError where an option is out of range
 */
export const conv2d = (
  inputs: number,
  outputs: number,
  kernel: Sizes,
  options: ConvLayerOptions = {},
): Conv => new Conv("conv2d", inputs, outputs, kernel, options);
