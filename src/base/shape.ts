import { describeValue } from "./describe-value.ts";
import { ArgumentError, ShapeError } from "./errors.ts";

/** The lengths of a tensor's axes; [] is that of a scalar, [2, 3] that of two rows of three. */
export type Shape = readonly number[];

/** The highest rank a tensor may have. */
export const MAX_RANK = 8;
/** The most elements that it may have. */
export const MAX_SIZE = 2 ** 32 - 1;

/** The number of elements; 1 for a scalar. */
export const sizeOf = (shape: Shape) => shape.reduce((n, d) => n * d, 1);

export const show = (shape: Shape) => `[${[shape].flat().join(", ")}]`;

export const sameShape = (a: Shape, b: Shape) =>
  a.length === b.length && a.every((n, axis) => n === b[axis]);

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Throws an ArgumentError where something else stands for a list: JavaScript lets it through. */
export function checkList(op: string, what: string, list: unknown): void {
  if (!Array.isArray(list)) throw new ArgumentError(`${op}: ${what}, got ${describeValue(list)}`);
}

/**
 * Throws a ShapeError unless every length is a whole number ≥ 0, there are at most eight of them, and a shader's 32-bit
 * words can count the elements, which it does even where it stores none of them.
 */
export function checkShape(op: string, shape: Shape): Shape {
  checkList(op, "a shape is a list of lengths", shape);
  if (shape.length > MAX_RANK) {
    throw new ShapeError(
      `${op}: ${show(shape)} has rank ${shape.length}; the highest is ${MAX_RANK}`,
    );
  }
  for (const n of shape) {
    if (typeof n !== "number") {
      throw new ArgumentError(`${op}: lengths are whole numbers ≥ 0, got ${describeValue(n)}`);
    }
    if (!Number.isInteger(n) || n < 0) {
      throw new ShapeError(
        `${op}: ${show(shape)} has a length of ${n}; lengths are whole numbers ≥ 0`,
      );
    }
  }
  if (sizeOf(shape) > MAX_SIZE) {
    throw new ShapeError(
      `${op}: ${show(shape)} has ${sizeOf(shape)} elements; the most that can be counted are ${MAX_SIZE}, stored or not`,
    );
  }
  return shape;
}

/** A shape with its −1, if it has one, worked out so that `size` elements fill it; null where they do not. */
export function filledShape(op: string, shape: Shape, size: number): Shape | null {
  checkList(op, "a shape is a list of lengths", shape);
  const known = checkShape(
    op,
    shape.filter((n) => n !== -1),
  );
  const open = shape.length - known.length;
  if (open > 1) {
    throw new ShapeError(`${op}: ${show(shape)} leaves ${open} lengths open; one may be −1`);
  }
  const rest = size / sizeOf(known);
  const fits = open ? Number.isInteger(rest) : size === sizeOf(known);
  return fits ? shape.map((n) => (n === -1 ? rest : n)) : null;
}

/** Whether two shapes broadcast: aligned at the right, lengths are equal or 1. */
export const canBroadcast = (a: Shape, b: Shape): boolean =>
  a.every((m, axis) => {
    const n = b.at(axis - a.length) ?? 1;
    return axis - a.length < -b.length || m === n || m === 1 || n === 1;
  });

/** NumPy broadcasting: align at the right, and stretch axes of length 1. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const m = a.at(axis - rank) ?? 1;
    const n = b.at(axis - rank) ?? 1;
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(
        `${op}: shapes ${show(a)} and ${show(b)} do not broadcast: axis ${axis} is ${m} in one and ${n} in the other`,
      );
    }
    return m === 1 ? n : m;
  });
}

/** An axis counted from the front; negative ones count from the back. */
export function normalizeAxis(op: string, axis: number, shape: Shape): number {
  const rank = shape.length;
  if (typeof axis !== "number") {
    throw new ArgumentError(`${op}: an axis is a whole number, got ${describeValue(axis)}`);
  }
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(
      `${op}: axis ${axis} is out of range for shape ${show(shape)}, which has ${
        rank === 0 ? "no axes" : `axes ${-rank} to ${rank - 1}`
      }`,
    );
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes from the front, in order, each once; all of them where none are given. */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  shape: Shape,
): number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  const list = [axes].flat().map((a) => normalizeAxis(op, a, shape));
  if (new Set(list).size !== list.length) {
    throw new ShapeError(`${op}: axes ${show(list)} of shape ${show(shape)} repeat one`);
  }
  return list.sort((a, b) => a - b);
}
