import {
  checkDtype,
  dtypeOf,
  holds,
  hostArray,
  isFloat,
  type Dtype,
  type HostArray,
  type TypedArray,
} from "../base/dtype.ts";
import { describeValue } from "../base/describe-value.ts";
import { ArgumentError, DtypeError, ShapeError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkShape, show, sizeOf, type Shape } from "../base/shape.ts";
import { checkNumber } from "../base/check-number.ts";
import { currentBackend } from "../graph/backend.ts";
import { constantOf, scalar, type TensorLike } from "../graph/build.ts";
import { Tensor } from "../graph/tensor.ts";
import { Variable } from "../graph/variable.ts";

import { add, mul } from "./arithmetic.ts";
import { broadcastTo } from "./broadcast.ts";
import { cast } from "./cast.ts";
import { equal } from "./compare.ts";
import { iota } from "./iota.ts";
import { expandDims } from "./movement.ts";

/** Numbers or booleans, bare or nested in arrays of equal lengths. */
export type NestedValues = number | boolean | readonly NestedValues[];

/** What a tensor is made of. */
export interface TensorOptions {
  /** "float32", "int32", "uint32" or "bool"; by default it follows from the values. */
  dtype?: Dtype;
}

/** The dtype asked for, if any. */
function dtypeIn(op: string, options: TensorOptions): Dtype | undefined {
  checkOptions(op, options, ["dtype"]);
  const { dtype } = options;
  if (dtype !== undefined) checkDtype(op, dtype);
  return dtype;
}

/**
 * A tensor of given values: a number, nested arrays (of equal lengths), or a typed array with a shape, of rank 1 where
 * none is given. The values are copied. Numbers become float32, booleans bool, unless a dtype is given.
 * @param values numbers or booleans, bare, nested, or in a typed array
 * @param shape of the result; by default that of the nesting
 * @param options the dtype; by default float32, bool for booleans, or that of the typed array
 * @returns of that shape and dtype
 * @throws ShapeError where values are ragged, or do not fill the shape
 * @throws DtypeError where numbers and booleans are mixed, or a value is none of the dtype
 */
export function tensor(values: NestedValues | TypedArray, options?: TensorOptions): Tensor;
export function tensor(
  values: NestedValues | TypedArray,
  shape: Shape,
  options?: TensorOptions,
): Tensor;
export function tensor(
  values: NestedValues | TypedArray,
  shapeOrOptions: Shape | TensorOptions = {},
  options: TensorOptions = {},
): Tensor {
  const shaped = Array.isArray(shapeOrOptions);
  const dtype = dtypeIn("tensor", shaped ? options : (shapeOrOptions as TensorOptions));
  const {
    flat,
    shape: own,
    found,
  } = ArrayBuffer.isView(values)
    ? { flat: values as ArrayLike<number>, shape: [values.length], found: dtypeOf(values) }
    : flattenNested(values);
  const shape = shaped ? checkShape("tensor", shapeOrOptions as Shape) : own;
  if (sizeOf(shape) !== flat.length) {
    throw new ShapeError(
      `tensor: ${flat.length} values do not fill ${show(shape)}, which takes ${sizeOf(shape)}`,
    );
  }
  const x = constantOf(convert(flat, dtype ?? found), {
    shape: [...shape],
    dtype: dtype ?? found,
  });
  x.backend = currentBackend();
  return x;
}

function checkFits(op: string, value: number, dtype: Dtype): void {
  if (dtype === "bool" ? value !== 0 && value !== 1 : !holds(dtype, value)) {
    throw new DtypeError(`${op}: ${value} cannot be ${dtype}`);
  }
}

/** A copy of the values as a dtype; floats stay as precise as they came. */
export function convert(values: ArrayLike<number>, to: Dtype): HostArray {
  if (isFloat(to)) {
    return values instanceof Float32Array ? values.slice() : Float64Array.from(values);
  }
  const y = hostArray(to, values.length);
  for (let i = 0; i < y.length; i++) {
    const v = values[i];
    checkFits("tensor", v, to);
    y[i] = v;
  }
  return y;
}

function flattenNested(values: NestedValues): { flat: number[]; shape: number[]; found: Dtype } {
  const shape: number[] = [];
  for (let v: NestedValues = values; Array.isArray(v); v = v[0] as NestedValues) {
    shape.push(v.length);
    if (v.length === 0) break;
  }
  checkShape("tensor", shape);
  const flat: number[] = [];
  const types = new Set<string>();
  const visit = (v: NestedValues, axis: number): void => {
    if (axis < shape.length) {
      if (!Array.isArray(v) || v.length !== shape[axis]) {
        const got = Array.isArray(v) ? `a list of ${v.length}` : "a bare value";
        throw new ShapeError(
          `tensor: ragged values: axis ${axis} has length ${shape[axis]} in one place and ${got} in another`,
        );
      }
      for (const element of v) visit(element as NestedValues, axis + 1);
      return;
    }
    if (Array.isArray(v)) {
      throw new ShapeError(
        `tensor: ragged values: a list lies deeper than the first, which has shape ${show(shape)}`,
      );
    }
    types.add(v === null ? "null" : (v as unknown) instanceof Tensor ? "a tensor" : typeof v);
    flat.push(typeof v === "number" || typeof v === "boolean" ? Number(v) : NaN);
  };
  visit(values, 0);
  const strange = [...types].find((t) => t !== "number" && t !== "boolean");
  if (strange) {
    const hint = strange === "a tensor" ? "; stack and concat join tensors" : "";
    throw new ArgumentError(`tensor: values are numbers or booleans, got ${strange}${hint}`);
  }
  if (types.size > 1) throw new DtypeError("tensor: numbers and booleans are mixed");
  return { flat, shape, found: types.has("boolean") ? "bool" : "float32" };
}

/**
 * Every element equal to `value`.
 * @param shape the lengths; [] for a scalar
 * @param value a number, or a boolean
 * @param options the dtype: by default float32, for a boolean bool
 * @returns of that shape and dtype
 * @throws ShapeError where that is no shape
 * @throws DtypeError where the value is none of the dtype
 */
export const full = (shape: Shape, value: number | boolean, options: TensorOptions = {}): Tensor =>
  filled("full", shape, value, options);

/** The same for the function of the user's that `op` names. */
function filled(op: string, shape: Shape, value: number | boolean, options: TensorOptions): Tensor {
  checkShape(op, shape);
  if (typeof value !== "number" && typeof value !== "boolean") {
    throw new ArgumentError(`${op}: expected a number or a boolean, got ${describeValue(value)}`);
  }
  const type = dtypeIn(op, options) ?? (typeof value === "boolean" ? "bool" : "float32");
  checkFits(op, Number(value), type);
  const x = type === "bool" ? equal(scalar(Number(value)), 1) : scalar(Number(value), type);
  const y = broadcastTo(x, shape);
  y.weak = false;
  return y;
}

/**
 * Zeros of a shape.
 * @param shape the lengths; [] for a scalar
 * @param options the dtype, float32 by default
 * @returns of that shape and dtype
 * @throws ShapeError where that is no shape
 * @throws DtypeError where there is no such dtype
 */
export const zeros = (shape: Shape, options: TensorOptions = {}): Tensor =>
  filled("zeros", shape, 0, options);

/**
 * Ones of a shape.
 * @param shape the lengths; [] for a scalar
 * @param options the dtype, float32 by default
 * @returns of that shape and dtype
 * @throws ShapeError where that is no shape
 * @throws DtypeError where there is no such dtype
 */
export const ones = (shape: Shape, options: TensorOptions = {}): Tensor =>
  filled("ones", shape, 1, options);

/**
 * start, start + step, … up to but without `stop`; with one number, 0, 1, … up to it.
 * @param start the first number; where it is the only one, the end, and 0 is the first
 * @param stop not included
 * @param step from one number to the next, 1 by default; may be negative
 * @param options the dtype, float32 by default
 * @returns of rank 1
 * @throws ValueError where no range leads from start to stop
 * @throws ShapeError where it has more numbers than can be counted
 * @throws DtypeError where a number is none of the dtype
 */
export function arange(
  start: number,
  stop?: number,
  step = 1,
  options: TensorOptions = {},
): Tensor {
  const dtype = dtypeIn("arange", options) ?? "float32";
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  for (const value of [from, to, step]) {
    checkNumber("arange: each of its ends and steps", value, "a number", () => true);
  }
  if (![from, to, step].every(Number.isFinite) || step === 0) {
    throw new ValueError(`arange: no range leads from ${from} to ${to} in steps of ${step}`);
  }
  const length = Math.max(0, Math.ceil((to - from) / step));
  checkShape("arange", [length]);
  // Of so even numbers these say what holds for all.
  for (const i of [0, 1, length - 1]) {
    if (i >= 0 && i < length) checkFits("arange", from + i * step, dtype);
  }
  return evenly(length, from, step, dtype);
}

/**
 * `count` numbers from start to stop, both included, at equal distances.
 * @param start the first number
 * @param stop the last number
 * @param count how many
 * @returns float32 [count]
 * @throws ShapeError where the count is no whole number ≥ 0
 * @throws ValueError where an end is NaN
 */
export function linspace(start: number, stop: number, count: number): Tensor {
  for (const value of [start, stop]) {
    checkNumber("linspace: each of its ends", value, "a number", (end) => !Number.isNaN(end));
  }
  checkShape("linspace", [count]);
  const steps = count - 1;
  return steps > 0
    ? evenly(count, start, (stop - start) / steps, "float32", stop)
    : evenly(count, start, 0, "float32");
}

/** Of so many numbers the host makes a list, and then knows them. */
const MOST_LISTED = 2 ** 16;

function evenly(
  length: number,
  start: number,
  step: number,
  dtype: Dtype,
  last = start + (length - 1) * step,
): Tensor {
  const ends = [start, last];
  const whole = Number.isInteger(step) && ends.every((v) => holds("int32", v) && holds(dtype, v));
  if (length > MOST_LISTED && whole) return cast(add(mul(iota([length]), step), start), dtype);
  return tensor(
    Float64Array.from({ length }, (_, i) => (i === length - 1 ? last : start + i * step)),
    { dtype },
  );
}

/**
 * Ones where row and column are the same, zeros elsewhere.
 * @param rows the number of rows
 * @param columns as many as rows by default
 * @param options the dtype, float32 by default
 * @returns [rows, columns]
 * @throws ShapeError where a number of rows or columns is none
 * @throws DtypeError where there is no such dtype
 */
export function eye(rows: number, columns = rows, options: TensorOptions = {}): Tensor {
  const dtype = dtypeIn("eye", options) ?? "float32";
  checkShape("eye", [rows, columns]);
  const row = expandDims(iota([rows]), 1);
  return cast(equal(row, iota([columns])), dtype);
}

/** What a variable is for. */
export interface VariableOptions {
  /** Whether `parameters()` lists it; one that is not trained is still saved and in snapshots. */
  trainable?: boolean;
}

/**
 * A tensor with storage that lasts, which `assign` gives new values; starts with the value given.
 * @param value what it starts with: a tensor, a number, nested arrays, or a typed array
 * @param options whether it is trained
 * @returns the variable, of the value's shape and dtype
 * @throws ShapeError where nested values are ragged
 * @throws DtypeError where numbers and booleans are mixed
 */
export function variable(
  value: TensorLike | NestedValues | TypedArray,
  options: VariableOptions = {},
): Variable {
  checkOptions("variable", options, ["trainable"]);
  const { trainable = true } = options;
  const initial = value instanceof Tensor ? value.value : tensor(value);
  return new Variable(initial, trainable);
}
