import * as I from "../base/index-expr.ts";
import type { Fold, Scan } from "../graph/op.ts";
import type { Counter, Scalar } from "../graph/scalar.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Call } from "../graph/offered-kernel.ts";
import { accumulates, type Group, type Level } from "./fuse.ts";
import { Expander, loadsIn, type LoadedElement } from "./expression.ts";
import { COLUMN } from "./loop-variables.ts";
import type { Operand } from "./materialize.ts";

/** What a value is to the loops of its nest. */
export type Role =
  /** An expression. */
  | { kind: "element" }
  /** What the columns of a row come to. */
  | { kind: "fold"; fold: Fold }
  /** What those up to each column come to. */
  | { kind: "scan"; scan: Scan };

/** A value that a kernel computes. */
export interface Value {
  tensor: Tensor;
  /** One for each row, or one for each row and column. */
  level: Level;
  role: Role;
  /** The expression; of a fold, the state of a column's element; of a scan, the element of each input. */
  parts: readonly Scalar[];
  /** What these are computed from. */
  loads: readonly LoadedElement[];
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
  /** Tensors from memory that it reads, each once, the operands of a product first. */
  reads: Tensor[];
  /** The elementwise ops that it is made of, its folds and scans. */
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

const ELEMENT: Role = { kind: "element" };

function roleOf({ op, inputs, dtype }: Tensor): Role {
  switch (op?.kind) {
    case "reduce":
      return { kind: "fold", fold: op.fold(inputs[0].dtype) };
    case "scan":
      return { kind: "scan", scan: op.scan(dtype) };
    default:
      return ELEMENT;
  }
}

/** Whether a value takes in one element of its row after the other. */
export const isAccumulated = ({ role }: Value): boolean => role.kind !== "element";

/** The loops of a group of stored values, of which those in `written` go to memory. */
export function nestOf(
  group: Group,
  written: ReadonlySet<Tensor>,
  isStored: (x: Tensor) => boolean,
  operands: readonly [Operand, Operand] | undefined,
): Nest {
  const { members, product } = group;
  // Values of the same kernel are computed in place, but for folds, which are there when their loop is over, and scans.
  const expander = new Expander(
    (x) => isStored(x) && (!members.has(x) || accumulates(x) || x === product),
  );
  const partsOf = (x: Tensor, role: Role, own: I.Index): readonly Scalar[] => {
    const elements = () => x.inputs.map((y) => expander.element(y, group.place));
    if (role.kind === "fold") return role.fold.lift(elements()[0], columnOf(group));
    if (role.kind === "scan") return elements();
    return [x === product ? expander.element(x, own) : expander.definition(x, own)];
  };
  const values: Value[] = [];
  members.forEach((level, tensor) => {
    const role = roleOf(tensor);
    if (role === ELEMENT && !written.has(tensor)) return;
    const own = level === "row" ? group.row : group.place;
    const place = written.has(tensor) ? own : null;
    const parts = partsOf(tensor, role, own);
    values.push({ tensor, level, role, parts, loads: parts.flatMap(loadsIn), place });
  });
  const reads = operands?.map(({ tensor }) => tensor) ?? [];
  if (reads[0] === reads[1]) reads.pop();
  const ops = [...expander.ops];
  for (const value of values) {
    for (const { tensor } of value.loads) {
      if (!members.has(tensor) && !reads.includes(tensor)) reads.push(tensor);
    }
    if (isAccumulated(value)) ops.push(value.tensor.op!.name);
  }
  return {
    rows: group.rows,
    cols: group.cols,
    length: group.length,
    values,
    reads,
    ops,
    product: product && operands ? { tensor: product, a: operands[0], b: operands[1] } : null,
  };
}

const columnOf = ({ cols }: Group): Counter => ({
  kind: "index",
  index: I.variable(COLUMN, cols),
  dtype: "uint32",
});

/** All tensors that a part reads from memory. */
export const tensorsRead = (part: Part): readonly Tensor[] =>
  isCall(part) ? [...new Set(part.operands)] : part.reads;

export function tensorsWritten(part: Part): Tensor[] {
  if (isCall(part)) return [...part.application.results, ...part.scratch];
  const written: Tensor[] = [];
  for (const { tensor, place } of part.values) if (place) written.push(tensor);
  return written;
}
