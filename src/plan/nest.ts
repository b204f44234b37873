import type * as I from "../base/index-expr.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Call } from "./call.ts";
import { rowPlace, type Group } from "./fuse.ts";
import type { Scalar } from "../graph/scalar.ts";
import { Expander } from "./expression.ts";
import type { Operand } from "./materialize.ts";

/** A value that a kernel computes. */
export interface Value {
  tensor: Tensor;
  /** One for each row, or one for each row and column. */
  level: "row" | "column";
  /** A fold over the columns of `element`, or `element` itself. */
  fold: boolean;
  element: Scalar;
  /** Where it is written, if it is. */
  place: I.Index | null;
}

/** A nest of loops over rows and columns and what it computes, in an order in which it can be. */
export interface Nest {
  rows: number;
  cols: number;
  /** Operations that it computes for an element. */
  length: number;
  values: Value[];
  /** Tensors from memory that it reads. */
  reads: Tensor[];
  /** The elementwise ops that it is made of, and its folds. */
  ops: string[];
  /** The matrix product whose elements are the rows, if it is an epilogue. */
  product: Product | null;
}

/** What a plan consists of. Nests may share a dispatch; a call has one or more of its own. */
export type Part = Nest | Call;

export const isCall = (part: Part): part is Call => "kernel" in part;

export interface Product {
  tensor: Tensor;
  a: Operand;
  b: Operand;
}

/** The loops of a group of stored values, of which those in `written` go to memory. */
export function nestOf(
  group: Group,
  written: ReadonlySet<Tensor>,
  isStored: (x: Tensor) => boolean,
  operands: readonly [Operand, Operand] | undefined,
): Nest {
  const { members, product } = group;
  // Values of the same kernel are computed in place, but for folds: those are there when their loop is over.
  const expander = new Expander(
    (x) => isStored(x) && (!members.has(x) || x.op?.kind === "reduce" || x === product),
  );
  const values: Value[] = [];
  for (const tensor of [...members.keys()].sort((a, b) => a.id - b.id)) {
    const level = members.get(tensor);
    const fold = tensor.op?.kind === "reduce";
    if (!level || (!fold && !written.has(tensor))) continue;
    const own = level === "row" ? rowPlace(group) : group.place;
    const element = fold
      ? expander.element(tensor.inputs[0], group.place)
      : expander.element(tensor, own);
    const inline = !fold && tensor !== product ? expander.definition(tensor, own) : element;
    values.push({ tensor, level, fold, element: inline, place: written.has(tensor) ? own : null });
  }
  const reads = new Set<Tensor>();
  for (const { element } of values) {
    for (const { tensor } of expander.loadsOf(element)) {
      if (!members.has(tensor)) reads.add(tensor);
    }
  }
  return {
    rows: group.rows,
    cols: group.cols,
    length: group.length,
    values,
    reads: [...reads],
    ops: [...expander.ops, ...values.filter((v) => v.fold).map((v) => v.tensor.op!.name)],
    product: product && operands ? { tensor: product, a: operands[0], b: operands[1] } : null,
  };
}

/** All tensors that a part reads from memory, the operands of a product included. */
export function tensorsRead(part: Part): Tensor[] {
  if (isCall(part)) return [...new Set(part.operands)];
  const { reads, product } = part;
  return [...new Set([...(product ? [product.a.tensor, product.b.tensor] : []), ...reads])];
}

export const tensorsWritten = (part: Part): Tensor[] =>
  isCall(part)
    ? [...part.application.results, ...part.scratch]
    : part.values.filter((v) => v.place !== null).map((v) => v.tensor);
