import { dtypeOf, type TypedArray } from "../base/dtype.ts";
import { ShapeError, TraceError } from "../base/errors.ts";
import { filledShape, show, type Shape } from "../base/shape.ts";
import { mapTree } from "../base/tree.ts";
import { constantOf, scalar } from "../graph/build.ts";
import { textKey } from "../graph/canonical.ts";
import { Tensor } from "../graph/tensor.ts";
import { Variable } from "../graph/variable.ts";
import { convert } from "../ops/create.ts";

/** Stands in a tree for the i-th of the tensors that are taken out of it. */
export class Hole {
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
}

/** The arguments of a call, sorted into tensors and what is static. */
export interface Arguments {
  readonly tensors: readonly Tensor[];
  /** Which of them were bare numbers. */
  readonly weak: readonly boolean[];
  /** Equal for calls that one trace can serve. */
  readonly key: string;
  /** The arguments with the i-th tensor replaced. */
  rebuild(replace: (i: number) => Tensor): unknown[];
}

/** Sorts the arguments of a call; `shapes` are those that typed arrays get, one for each argument. */
export function readArguments(
  name: string,
  args: readonly unknown[],
  shapes: readonly (Shape | undefined)[] = [],
): Arguments {
  const tensors: Tensor[] = [];
  const weak: boolean[] = [];
  const hold = (x: Tensor, isNumber = false) => {
    weak.push(isNumber);
    return new Hole(tensors.push(x) - 1);
  };
  const tree = arraysAsTensors(name, args, shapes).map((arg) =>
    mapTree(arg, (leaf) => {
      if (leaf instanceof Tensor) return hold(leaf);
      if (typeof arg === "number") return hold(scalar(arg), true);
      return leaf;
    }),
  );
  const keyOf = (leaf: unknown, position: number) => {
    if (!(leaf instanceof Hole)) return staticKey(name, leaf, position);
    const x = tensors[leaf.index];
    const kind = x instanceof Variable ? "variable" : weak[leaf.index] ? "number" : "tensor";
    return `${kind} ${x.dtype}[${x.shape}]`;
  };
  return {
    tensors,
    weak,
    key: JSON.stringify(tree.map((branch, i) => mapTree(branch, (leaf) => keyOf(leaf, i)))),
    rebuild: (replace) =>
      tree.map((branch) =>
        mapTree(branch, (leaf) => (leaf instanceof Hole ? replace(leaf.index) : leaf)),
      ),
  };
}

/** The arguments of a call with tensors in the place of typed arrays, of the shapes that `shapes` has for each argument. */
export const arraysAsTensors = (
  name: string,
  args: readonly unknown[],
  shapes: readonly (Shape | undefined)[] = [],
): unknown[] =>
  args.map((arg, i) =>
    mapTree(arg, (leaf) =>
      ArrayBuffer.isView(leaf) ? arrayAsTensor(name, leaf, shapes[i]) : leaf,
    ),
  );

/** What is static is part of the key, so it has to have a text. */
function staticKey(name: string, value: unknown, position: number): string {
  if (value === null || value === undefined) return String(value);
  if (!["number", "string", "boolean"].includes(typeof value)) {
    const kind = typeof value === "object" ? value.constructor.name : typeof value;
    throw new TraceError(
      `${name}: argument ${position} holds a ${kind}, which cannot be an argument; reach it through its closure`,
    );
  }
  return textKey(value);
}

/** A copy of a typed array, in the shape given for its argument or as a vector. */
function arrayAsTensor(name: string, view: ArrayBufferView, shape: Shape = [-1]): Tensor {
  const dtype = dtypeOf(view);
  const values = view as TypedArray;
  const size = values.length;
  const filled = filledShape(name, shape, size);
  if (!filled) {
    throw new ShapeError(
      `${name}: an array of ${size} elements does not fill the shape ${show(shape)} of its argument`,
    );
  }
  return constantOf(convert(values, dtype), { shape: filled, dtype });
}
