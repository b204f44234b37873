import { ShapeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { show, sizeOf, type Shape } from "../base/shape.ts";
import { full } from "../ops/create.ts";
import { normal as drawNormal, uniform as drawUniform } from "../random/draws.ts";
import type { Initializer } from "./initializer.ts";

export type { Initializer } from "./initializer.ts";

interface Fans {
  /** Inputs that each output of the layer is made of. */
  fanIn: number;
  /** Outputs that each input contributes to. */
  fanOut: number;
}

/** Of a linear layer's weight [in, out], or of a convolution's [out, in, ...kernel]. */
function fansOf(name: string, shape: Shape): Fans {
  if (shape.length < 2) {
    throw new ShapeError(
      `${name}: ${show(shape)} cannot be a layer's weight, which has two axes or more, [in, out] or [out, in, ...kernel]`,
    );
  }
  const [a, b, ...kernel] = shape;
  const field = sizeOf(kernel);
  const [fanIn, fanOut] = kernel.length === 0 ? [a, b] : [b * field, a * field];
  // An empty weight has some too: what is divided by 0 is no range to draw from.
  return { fanIn: Math.max(1, fanIn), fanOut: Math.max(1, fanOut) };
}

/**
 * Every element is `value`.
 * @param value of every element
 * @returns an initializer
 */
export const constant =
  (value: number): Initializer =>
  (shape) =>
    full(shape, value);

/**
 * 0.
 * @returns an initializer
 */
export const zeros = (): Initializer => constant(0);

/**
 * 1.
 * @returns an initializer
 */
export const ones = (): Initializer => constant(1);

/**
 * Uniform on [min, max).
 * @param min included, −1 by default
 * @param max not included, 1 by default
 * @returns an initializer
 */
export const uniform =
  (min = -1, max = 1): Initializer =>
  (shape) =>
    drawUniform(shape, { min, max });

/**
 * Normal.
 * @param mean 0 by default
 * @param std the standard deviation, 1 by default
 * @returns an initializer
 */
export const normal =
  (mean = 0, std = 1): Initializer =>
  (shape) =>
    drawNormal(shape, { mean, std });

const spread = (shape: Shape, limit: number) => drawUniform(shape, { min: -limit, max: limit });

/**
 * Uniform on ±√(6/(fanIn + fanOut)). Glorot, Bengio: "Understanding the difficulty of training deep feedforward neural
 * networks", 2010.
 * @param gain a factor, 1 by default
 * @returns an initializer
 * @throws ShapeError when it is called for a shape of less than two axes
 */
export const glorotUniform =
  (gain = 1): Initializer =>
  (shape) => {
    const { fanIn, fanOut } = fansOf("glorotUniform", shape);
    return spread(shape, gain * Math.sqrt(6 / (fanIn + fanOut)));
  };

/**
 * Normal, with variance 2/(fanIn + fanOut). Glorot, Bengio 2010.
 * @param gain a factor, 1 by default
 * @returns an initializer
 * @throws ShapeError when it is called for a shape of less than two axes
 */
export const glorotNormal =
  (gain = 1): Initializer =>
  (shape) => {
    const { fanIn, fanOut } = fansOf("glorotNormal", shape);
    return drawNormal(shape, { std: gain * Math.sqrt(2 / (fanIn + fanOut)) });
  };

/**
 * Uniform on ±√(6/fanIn), for relu. He, Zhang, Ren, Sun: "Delving deep into rectifiers", 2015.
 * @returns an initializer
 * @throws ShapeError when it is called for a shape of less than two axes
 */
export const heUniform = (): Initializer => (shape) =>
  spread(shape, Math.sqrt(6 / fansOf("heUniform", shape).fanIn));

/**
 * Normal, with variance 2/fanIn, for relu. He, Zhang, Ren, Sun 2015.
 * @returns an initializer
 * @throws ShapeError when it is called for a shape of less than two axes
 */
export const heNormal = (): Initializer => (shape) =>
  drawNormal(shape, { std: Math.sqrt(2 / fansOf("heNormal", shape).fanIn) });

/**
 * Uniform on ±√(3/fanIn). LeCun, Bottou, Orr, Müller: "Efficient backprop", 1998.
 * @returns an initializer
 * @throws ShapeError when it is called for a shape of less than two axes
 */
export const lecunUniform = (): Initializer => (shape) =>
  spread(shape, Math.sqrt(3 / fansOf("lecunUniform", shape).fanIn));

/**
 * Normal, with variance 1/fanIn, for selu. LeCun, Bottou, Orr, Müller 1998.
 * @returns an initializer
 * @throws ShapeError when it is called for a shape of less than two axes
 */
export const lecunNormal = (): Initializer => (shape) =>
  drawNormal(shape, { std: Math.sqrt(1 / fansOf("lecunNormal", shape).fanIn) });

/** What `nn.init.siren` needs to know of the layer. */
export interface SirenOptions {
  /** The factor in the sine; 30 by default. */
  w0?: number;
  /** Whether it is for the first layer; false by default. */
  first?: boolean;
}

/**
 * For layers sin(w0 (x W + b)): uniform on ±1/fanIn in the first layer, on ±√(6/fanIn)/w0 in the others.
 * Sitzmann, Martel, Bergman, Lindell, Wetzstein: "Implicit neural representations with periodic activation functions", 2020.
 * @param options the factor, and whether the layer is the first
 * @returns an initializer
 * @throws ShapeError when it is called for a shape of less than two axes
 */
export const siren = (options: SirenOptions = {}): Initializer => {
  checkOptions("siren", options, ["w0", "first"]);
  const { w0 = 30, first = false } = options;
  return (shape) => {
    const { fanIn } = fansOf("siren", shape);
    return spread(shape, first ? 1 / fanIn : Math.sqrt(6 / fanIn) / w0);
  };
};

export { orthogonal } from "./orthogonal.ts";
