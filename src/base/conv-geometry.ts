import { describeValue } from "./describe-value.ts";
import { ArgumentError, ValueError } from "./errors.ts";
import { show } from "./shape.ts";

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

/** ConvGeometry with nothing left open. */
export interface Geometry {
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
