import { isFloat, type TypedArray } from "../base/dtype.ts";
import { describeValue } from "../base/describe-value.ts";
import {
  ArgumentError,
  DtypeError,
  GradientError,
  ShapeError,
  TraceError,
  ValueError,
} from "../base/errors.ts";
import { sameShape, show } from "../base/shape.ts";
import { isPlainObject, mapTree } from "../base/tree.ts";
import { scalar } from "../graph/build.ts";
import { unchanged } from "../graph/identity.ts";
import { describe, Tensor } from "../graph/tensor.ts";

/** What is given along with values, nested as these are: a tensor or a number for each float; null: none for a value, or for all in it. */
export type Along<T> =
  | null
  | (T extends Tensor | TypedArray | number
      ? Tensor | number
      : T extends object
        ? { readonly [K in keyof T]: Along<T[K]> }
        : null);

/** The words in which an error speaks of what is given along with values. */
export interface Words {
  /** "jvp" */
  op: string;
  /** "tangent" */
  given: string;
  /** "argument" */
  of: string;
}

/**
 * Goes through `values` and what is given along with them, side by side, and replaces each leaf; both nest alike, and
 * null stands for a whole part.
 */
export function mapAlong(
  words: Words,
  values: unknown,
  along: unknown,
  leaf: (value: unknown, given: unknown, path: string) => unknown,
  path = "",
): unknown {
  const inner = (value: unknown, key: string | number, place: string) => {
    const part = along === null ? null : (along as Record<string, unknown>)[key];
    return mapAlong(words, value, part, leaf, path + place);
  };
  if (Array.isArray(values)) {
    if (along !== null && !(Array.isArray(along) && along.length === values.length)) {
      refuseNesting(words, path, `a list of ${values.length}`, along);
    }
    return values.map((value, i) => inner(value, i, path === "" ? ` ${i}` : `[${i}]`));
  }
  if (isPlainObject(values)) {
    const keys = Object.keys(values).toSorted();
    if (
      along !== null &&
      !(isPlainObject(along) && keys.join() === Object.keys(along).toSorted().join())
    ) {
      refuseNesting(words, path, `an object of ${keys.join(", ")}`, along);
    }
    const place = (key: string) => (path === "" ? ` ${key}` : `.${key}`);
    return Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, inner(value, key, place(key))]),
    );
  }
  return leaf(values, along, path);
}

function refuseNesting({ op, given, of }: Words, path: string, what: string, got: unknown): never {
  const found = Array.isArray(got)
    ? `a list of ${got.length}`
    : isPlainObject(got)
      ? `an object of ${Object.keys(got).toSorted().join(", ")}`
      : describeValue(got);
  throw new ValueError(
    `${op}: ${of}${path} is ${what}, and its ${given} ${found}; they nest alike, and null stands for a part without`,
  );
}

/** The tensor that is given along with a float, checked to be of its shape. */
export function givenFor({ op, given, of }: Words, x: Tensor, t: unknown, path: string): Tensor {
  if (!isFloat(x.dtype)) {
    throw new GradientError(
      `${op}: ${of}${path} is ${describe(x)}, and only floats have a ${given}; give null for it`,
    );
  }
  const tensor = typeof t === "number" ? scalar(t) : t;
  if (!(tensor instanceof Tensor)) {
    throw new ArgumentError(
      `${op}: ${given}${path} is ${describeValue(t)}, not a tensor of shape ${show(x.shape)} as its ${of} is`,
    );
  }
  if (!sameShape(tensor.shape, x.shape)) {
    throw new ShapeError(
      `${op}: ${given}${path} has shape ${show(tensor.shape)}, its ${of} ${show(x.shape)}`,
    );
  }
  if (tensor.dtype !== x.dtype) {
    throw new DtypeError(
      `${op}: ${given}${path} is ${tensor.dtype}, its ${of} ${x.dtype}; use cast("${x.dtype}")`,
    );
  }
  return unchanged(tensor);
}

/** What a function returned, nested, of which every leaf is a tensor. */
export function tensorsIn<R>(op: string, result: R): { value: R; tensors: Tensor[] } {
  const tensors: Tensor[] = [];
  const value = mapTree(result, (leaf) => {
    if (leaf instanceof Promise) {
      throw new TraceError(
        `${op}: the function is async; return the tensors themselves and read them afterwards`,
      );
    }
    if (!(leaf instanceof Tensor)) {
      throw new ArgumentError(
        `${op}: the function must return tensors, not ${describeValue(leaf)}`,
      );
    }
    tensors.push(unchanged(leaf));
    return tensors.at(-1);
  }) as R;
  return { value, tensors };
}

/** The same for what is to be differentiated: one of the tensors at least is a float. */
export function resultOf<R>(op: string, result: R): { value: R; tensors: Tensor[] } {
  const { value, tensors } = tensorsIn(op, result);
  if (tensors.length > 0 && !tensors.some((y) => isFloat(y.dtype))) {
    throw new GradientError(
      `${op}: the function returned ${describe(tensors[0])}, which is not a float, so it has no derivative`,
    );
  }
  return { value, tensors };
}
