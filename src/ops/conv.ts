import { describeValue } from "../base/describe-value.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, DtypeError, ShapeError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { show, type Shape } from "../base/shape.ts";
import { checkTensor, type Tensor } from "../graph/tensor.ts";
import { add } from "./arithmetic.ts";
import { conv, type ConvAxis } from "./convolution.ts";
import { reshape } from "./movement.ts";
import { operandsOf } from "./operands.ts";

/** A number for all axes, or one for each. */
export type Sizes = number | readonly number[];

/** "valid" is no padding; "same" is as much as keeps the lengths, the odd element at the end. */
export type Padding = Sizes | "valid" | "same";

/** How a kernel moves over its input. */
export interface ConvGeometry {
  /** From one place of the kernel to the next; 1 by default. */
  stride?: Sizes;
  /** Zeros around the input, as many at each end; 0 by default. "same" takes a stride of 1. */
  padding?: Padding;
  /** From one element of the kernel to the next; 1 by default. */
  dilation?: Sizes;
  /** Parts of the channels, each of which makes as large a part of the output's; 1 by default. */
  groups?: number;
}

export interface ConvOptions extends ConvGeometry {
  /** Added to each channel of the output. */
  bias?: Tensor;
}

/** ConvGeometry with nothing left open. */
interface Geometry {
  stride: readonly number[];
  padding: readonly number[] | "same";
  dilation: readonly number[];
  groups: number;
}

/** Sizes for each of some axes; throws where they are none, or below `least`. */
function sizesOf(
  name: string,
  option: string,
  value: unknown,
  axes: number,
  least: number,
): number[] {
  const list: unknown[] = Array.isArray(value) ? value : new Array<unknown>(axes).fill(value);
  const sizes = list.map((n) => {
    if (typeof n === "number") return n;
    const wanted = axes === 1 ? "a number" : `a number or a list of ${axes}`;
    throw new ArgumentError(`${name}: expected ${option}, ${wanted}, got ${describeValue(n)}`);
  });
  if (sizes.length !== axes) {
    throw new ValueError(
      `${name}: ${option} ${show(sizes)} is a list of ${sizes.length}; it takes a number, or a list of ${axes}`,
    );
  }
  const wrong = sizes.find((n) => !Number.isInteger(n) || n < least);
  if (wrong !== undefined) {
    throw new ValueError(`${name}: ${option} is ${wrong}; it takes whole numbers ≥ ${least}`);
  }
  return sizes;
}

function paddingOf(name: string, padding: unknown, stride: Sizes, axes: number) {
  if (padding === "valid") return sizesOf(name, "padding", 0, axes, 0);
  if (padding === "same") {
    if ([stride].flat().every((n) => n === 1)) return padding;
    throw new ValueError(
      `${name}: padding "same" is for a stride of 1, got ${show([stride].flat())}`,
    );
  }
  if (typeof padding === "string") {
    throw new ValueError(`${name}: there is no padding "${padding}"; there are "valid" and "same"`);
  }
  return sizesOf(name, "padding", padding, axes, 0);
}

/** The geometry that options ask for, for the function of the user's that `name` names; throws where there is none. */
export function geometryOf(name: string, options: ConvGeometry, axes: number): Geometry {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const [count] = sizesOf(name, "groups", groups, 1, 1);
  const strides = sizesOf(name, "stride", stride, axes, 1);
  return {
    stride: strides,
    padding: paddingOf(name, padding, strides, axes),
    dilation: sizesOf(name, "dilation", dilation, axes, 1),
    groups: count,
  };
}

/** The kernel's sizes along some axes. */
export const kernelOf = (name: string, kernel: Sizes, axes: number): number[] =>
  sizesOf(name, "kernel", kernel, axes, 1);

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

/** The convolution (as everywhere in this field, without turning the kernel) of x [n, in, length] and w [out, in / groups, size]. */
export const conv1d = (x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor =>
  convolve("conv1d", [x, w], options, 1);

/** The same in two dimensions: x [n, in, height, width], w [out, in / groups, height, width]; options are numbers or pairs. */
export const conv2d = (x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor =>
  convolve("conv2d", [x, w], options, 2);
