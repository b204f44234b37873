import { geometryOf, type ConvGeometry, type Geometry } from "../base/conv-geometry.ts";
import { isFloat } from "../base/dtype.ts";
import { DtypeError, ShapeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { show, type Shape } from "../base/shape.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import { add } from "./arithmetic.ts";
import { conv, type ConvAxis } from "./convolution.ts";
import { reshape } from "./movement.ts";
import { operandsOf } from "./operands.ts";

/** How a convolution goes over its input. */
export interface ConvOptions extends ConvGeometry {
  /** Added to each channel of the output. */
  bias?: Tensor;
}

/** An axis of a convolution; throws where the kernel does not fit. */
function axisOf(
  name: string,
  x: Shape,
  w: Shape,
  axis: number,
  { stride: strides, padding, dilation: dilations }: Geometry,
): ConvAxis {
  const [input, kernel] = [x[axis + 2], w[axis + 2]];
  const [stride, dilation] = [strides[axis], dilations[axis]];
  const extent = dilation * (kernel - 1) + 1;
  const before = padding === "same" ? Math.floor((extent - 1) / 2) : padding[axis];
  const padded = input + (padding === "same" ? extent - 1 : 2 * before);
  if (kernel === 0) throw new ShapeError(`${name}: the kernel of w ${show(w)} is empty`);
  if (extent > padded) {
    const dilated = dilation > 1 ? `, ${extent} with its dilation of ${dilation}` : "";
    throw new ShapeError(
      `${name}: the kernel is larger than the padded input: axis ${axis + 2} of x ${show(x)} has ${padded} with its padding, of w ${show(w)} ${kernel}${dilated}`,
    );
  }
  const output = Math.floor((padded - extent) / stride) + 1;
  return { stride, dilation, padding: before, input, kernel, output };
}

function checkChannels(name: string, x: Shape, w: Shape, groups: number, axes: number): void {
  const layout =
    axes === 1 ? ["[n, in, length]", "size"] : ["[n, in, height, width]", "height, width"];
  if (x.length !== axes + 2 || w.length !== axes + 2) {
    throw new ShapeError(
      `${name}: takes x ${layout[0]} and w [out, in / groups, ${layout[1]}], got ${show(x)} and ${show(w)}`,
    );
  }
  for (const [tensor, shape, channels] of [
    ["x", x, x[1]],
    ["w", w, w[0]],
  ] as const) {
    if (channels % groups !== 0) {
      throw new ShapeError(
        `${name}: ${groups} groups do not divide the ${channels} channels of ${tensor} ${show(shape)}`,
      );
    }
  }
  if (x[1] !== w[1] * groups) {
    const each = groups > 1 ? ` in each of ${groups} groups` : "";
    throw new ShapeError(
      `${name}: channels differ: x ${show(x)} has ${x[1] / groups}${each}, w ${show(w)} is for ${w[1]}`,
    );
  }
}

function convolve(
  name: string,
  inputs: readonly [Tensor, Tensor],
  options: ConvOptions,
  axes: number,
): Tensor {
  checkOptions(name, options, ["bias", "stride", "padding", "dilation", "groups"]);
  const { bias, ...rest } = options;
  for (const tensor of [...inputs, ...(bias === undefined ? [] : [bias])])
    checkTensor(name, tensor);
  const [x, w, b] = operandsOf(name, bias === undefined ? inputs : [...inputs, bias]);
  if (!isFloat(x.dtype)) {
    throw new DtypeError(
      `${name}: takes float32, got ${x.dtype}; cast it, as in x.cast("float32")`,
    );
  }
  const geometry = geometryOf(name, rest, axes);
  const { groups } = geometry;
  checkChannels(name, x.shape, w.shape, groups, axes);
  const [n, inner, ...input] = x.shape;
  const [outer, each, ...kernel] = w.shape;
  const along = input.map((_, axis) => axisOf(name, x.shape, w.shape, axis, geometry));
  const y = conv(
    reshape(x, [n, groups, inner / groups, ...input]),
    reshape(w, [groups, outer / groups, each, ...kernel]),
    along,
  );
  const whole = reshape(y, [n, outer, ...along.map((axis) => axis.output)]);
  if (!b) return whole;
  if (b.rank !== 1 || b.size !== outer) {
    throw new ShapeError(
      `${name}: the bias is ${show(b.shape)}, not [${outer}], a number for each channel that w ${show(w.shape)} makes`,
    );
  }
  return add(whole, reshape(b, [outer, ...input.map(() => 1)]));
}

/**
 * The convolution (as everywhere in this field, without turning the kernel) of x [n, in, length] and w [out, in /
 * groups, size].
 * @param x float32 [n, in, length]
 * @param w float32 [out, in / groups, length]
 * @param options stride, padding, dilation, groups and bias [out]
 * @returns float32 [n, out, length]
 * @throws DtypeError where an operand is not float32
 * @throws ShapeError where channels, groups or bias do not fit, the kernel is longer than the padded input, or the windows
 * of one example have 2³² elements or more
 * @throws ValueError where an option is out of range
 */
export const conv1d = (x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor =>
  convolve("conv1d", [x, w], options, 1);

/**
 * The same in two dimensions: x [n, in, height, width], w [out, in / groups, height, width]; options are numbers or
 * pairs.
 * @param x float32 [n, in, height, width]
 * @param w float32 [out, in / groups, height, width]
 * @param options stride, padding, dilation, groups and bias [out]
 * @returns float32 [n, out, height, width]
 * @throws DtypeError where an operand is not float32
 * @throws ShapeError where channels, groups or bias do not fit, the kernel is larger than the padded input, or the windows
 * of one example have 2³² elements or more
 * @throws ValueError where an option is out of range
 */
export const conv2d = (x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor =>
  convolve("conv2d", [x, w], options, 2);
