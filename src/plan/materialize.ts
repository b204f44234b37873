import * as I from "../base/index-expr.ts";
import type { ContractAttrs } from "../graph/op.ts";
import { topologicalOrder, type Tensor } from "../graph/tensor.ts";
import { Expander, numberOf } from "./expression.ts";
import { BATCH, PRODUCT_COLUMN, PRODUCT_ROW } from "./loop-variables.ts";

// Which values are written to memory, before it is known which kernels will be one: reductions, matrix products and
// what they read, results, and what would be dear to compute again for each of several readers.

/** An operand of a matrix product: a stored tensor, read as matrices. */
export interface Operand {
  tensor: Tensor;
  /** Its matrices are stored transposed, in comparison to what the op says. */
  transposed: boolean;
  /** Which of its matrices belongs to matrix `batch` of the product. */
  matrix: I.Index;
}

export interface Stored {
  stored: ReadonlySet<Tensor>;
  operands: ReadonlyMap<Tensor, readonly [Operand, Operand]>;
}

/** Operations in an expression from which on it is stored rather than computed for each reader. */
const DEAR = 8;
/** A reader this many times as large computes each element as many times, where the value is broadcast. */
const REPEATED = 16;
/**
 * Operations in one kernel at most, as often as they stand in it: the time that drivers take to compile one grows with
 * its length, up to the square of it.
 */
export const LONGEST = 128;

/** Whether a value is read from memory: it is stored, or a source that is no single number. */
export const isInMemory = (x: Tensor, stored: ReadonlySet<Tensor>) =>
  stored.has(x) || (x.op === null && numberOf(x) === null);

/** Chooses what is stored. A kernel binds at most `bindings` buffers, its results among them. */
export function chooseStored(roots: readonly Tensor[], bindings: number): Stored {
  const order = topologicalOrder(roots);
  const stored = new Set(roots.filter((x) => x.op));
  const operands = new Map<Tensor, [Operand, Operand]>();
  for (const x of order) {
    if (x.op?.kind === "reduce") stored.add(x);
    if (x.op?.kind !== "contract") continue;
    stored.add(x);
    const { transposeA, transposeB } = x.attrs as ContractAttrs;
    const [a, b] = x.inputs;
    operands.set(x, [operandOf(a, x, transposeA, stored), operandOf(b, x, transposeB, stored)]);
  }
  storeShared(order, stored);
  // What is stored for one reader is one more for those that read its operands as well: again, until all fit.
  for (let known = -1; known !== stored.size;) {
    known = stored.size;
    limitBindings(order, stored, bindings - 1);
  }
  return { stored, operands };
}

/** How an operand can be read: as it lies in memory, perhaps through transposes and broadcasts; else it is stored. */
function operandOf(x: Tensor, product: Tensor, transpose: boolean, stored: Set<Tensor>): Operand {
  const [rows, cols] = x.shape.slice(-2);
  const batch = product.shape.slice(0, -2);
  const matrices = I.variable(
    BATCH,
    batch.reduce((n, d) => n * d, 1),
  );
  const own = x.shape.slice(0, -2);
  const lead = I.unflatten(matrices, batch).slice(batch.length - own.length);
  const coords = lead.map((c, axis) => (own[axis] === 1 ? I.zero : c));
  const [r, c] = [I.variable(PRODUCT_ROW, rows), I.variable(PRODUCT_COLUMN, cols)];
  const whole = new Expander((y) => y.op?.kind !== "movement" && numberOf(y) === null);
  const read = whole.element(x, I.flatten([...coords, r, c], x.shape));
  if (read.kind === "load") {
    for (const transposed of [false, true]) {
      const place = transposed
        ? I.combine([
            [c, rows],
            [r, 1],
          ])
        : I.combine([
            [r, cols],
            [c, 1],
          ]);
      const matrix = I.combine([
        [read.index, 1],
        [place, -1],
      ]);
      if (I.mentions(matrix, PRODUCT_ROW) || I.mentions(matrix, PRODUCT_COLUMN)) continue;
      const number = dividedBy(matrix, rows * cols);
      if (!number || hasLoad(matrix)) continue;
      if (read.tensor.op) stored.add(read.tensor);
      return { tensor: read.tensor, transposed: transposed !== transpose, matrix: number };
    }
  }
  if (x.op) stored.add(x);
  return { tensor: x, transposed: transpose, matrix: I.flatten(coords, own) };
}

function hasLoad(index: I.Index): boolean {
  let found = false;
  I.forEachLoad(index, () => (found = true));
  return found;
}

/** index / size where it goes without a rest. */
function dividedBy(index: I.Index, size: number): I.Index | null {
  const quotient = I.div(index, size);
  return I.scale(quotient, size).key === index.key ? quotient : null;
}

/**
 * The readers of each node, through the movements in between: one that reads it through several, and so at several
 * places, as often.
 */
function readersOf(order: readonly Tensor[]): Map<Tensor, Tensor[]> {
  const readers = new Map<Tensor, Tensor[]>();
  for (const x of [...order].reverse()) {
    const own = x.op?.kind === "movement" ? (readers.get(x) ?? []) : [x];
    for (const input of new Set(x.inputs)) {
      const known = readers.get(input) ?? [];
      for (const reader of own) known.push(reader);
      readers.set(input, known);
    }
  }
  return readers;
}

/** Stores elementwise results that several readers, or one much larger reader, would compute again and again. */
function storeShared(order: readonly Tensor[], stored: Set<Tensor>): void {
  const readers = readersOf(order);
  const weights = new Map<Tensor, number>();
  for (const x of order) {
    const kind = x.op?.kind;
    const inlined = x.inputs.reduce(
      (sum, y) => sum + (stored.has(y) ? 0 : (weights.get(y) ?? 0)),
      0,
    );
    const weight = weightOf(x) + inlined;
    weights.set(x, weight);
    if ((kind !== "map" && kind !== "movement") || weight < DEAR || stored.has(x)) continue;
    const all = readers.get(x) ?? [];
    const isDear =
      kind === "map" &&
      (all.length > 1 || all.some((reader) => sizeRead(reader) >= REPEATED * x.size));
    if (isDear || (weight >= LONGEST / 2 && lengthOf(x, stored) >= LONGEST / 2)) stored.add(x);
  }
}

/** Operations that a node is by itself; what is put together of pieces has to choose one. */
function weightOf({ op, inputs }: Tensor): number {
  switch (op?.kind) {
    case "map":
      return op.dear ? DEAR : 1;
    case "movement":
      return op.fill ? inputs.length : inputs.length - 1;
    default:
      return 0;
  }
}

/** Operations in what computes x from stored values: once each, but for what a movement reads elsewhere. */
export function lengthOf(x: Tensor, stored: ReadonlySet<Tensor>): number {
  const seen = new Set<Tensor>();
  let length = 0;
  const visit = (y: Tensor, shared: boolean) => {
    if (shared && seen.has(y)) return;
    if (shared) seen.add(y);
    length += weightOf(y);
    for (const input of y.inputs) {
      if (length < LONGEST && !stored.has(input)) visit(input, shared && y.op?.kind !== "movement");
    }
  };
  visit(x, true);
  return length;
}

/** How many elements a node reads of each operand. */
const sizeRead = (x: Tensor) => (x.op?.kind === "reduce" ? x.inputs[0].size : x.size);

/** Stores parts of expressions that would read more buffers than a kernel may bind. */
function limitBindings(order: readonly Tensor[], stored: Set<Tensor>, most: number): void {
  const leaves = new Map<Tensor, Set<Tensor>>();
  const read = (x: Tensor) => (isInMemory(x, stored) ? new Set([x]) : leaves.get(x)!);
  for (const x of order) {
    const gather = () => new Set(x.inputs.flatMap((y) => [...read(y)]));
    let all = gather();
    // A matrix product reads its two operands; the rest is for the epilogue.
    while (x.op && x.op.kind !== "contract" && all.size > most) {
      const widest = [...x.inputs].sort((a, b) => read(b).size - read(a).size)[0];
      if (read(widest).size <= 1) break;
      stored.add(widest);
      all = gather();
    }
    leaves.set(x, all);
  }
}
