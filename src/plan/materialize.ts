import * as I from "../base/index-expr.ts";
import { getOrMake } from "../base/maps.ts";
import { sizeOf } from "../base/shape.ts";
import type { Application } from "../graph/application.ts";
import type { ContractAttrs } from "../graph/op.ts";
import { topologicalOrder, type Tensor } from "../graph/tensor.ts";
import type { Scalar } from "../graph/scalar.ts";
import { Expander, numberOf } from "./expression.ts";
import { BATCH, PRODUCT_COLUMN, PRODUCT_ROW, ROW, TERM } from "./loop-variables.ts";

// Which values are written to memory, before it is known which kernels will be one: reductions, matrix products and
// what they read, what ops with kernels of their own read and make, results, and what would be expensive to compute again
// for each of several readers.

/** An operand of a matrix product: elements of a tensor in memory, and zeros. */
export interface Operand {
  tensor: Tensor;
  /** The row-major place of an element, from the product's batch, its row or column, and the number of its term. */
  index: I.Index;
  /** Where one of them does not hold, the element is 0. */
  bounds: readonly I.Bound[];
  /** How whole matrices of it lie in memory, if they do: the fast case. */
  matrices: Matrices | null;
}

export interface Matrices {
  /** They lie transposed: as [k, m] in the place of [m, k], or as [n, k] in the place of [k, n]. */
  transposed: boolean;
  /** Which of them belongs to matrix `batch` of the product. */
  matrix: I.Index;
}

export interface Stored {
  stored: ReadonlySet<Tensor>;
  operands: ReadonlyMap<Tensor, readonly [Operand, Operand]>;
  /** Where the inputs of ops with kernels of their own lie. */
  inputs: ReadonlyMap<Application, readonly Tensor[]>;
}

/** Operations in an expression from which on it is stored rather than computed for each reader. */
const EXPENSIVE = 8;
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
export function materialize(roots: readonly Tensor[], bindings: number): Stored {
  const order = topologicalOrder(roots);
  const stored = new Set(roots.filter((x) => x.op));
  const operands = new Map<Tensor, [Operand, Operand]>();
  const inputs = new Map<Application, readonly Tensor[]>();
  const wholes = new Map<string, Whole>();
  for (const x of order) {
    const { application } = x;
    switch (application?.op.kind) {
      case "reduce":
      case "scan":
        stored.add(x);
        break;
      case "contract":
        stored.add(x);
        operands.set(x, [operandOf(x, 0, stored, wholes), operandOf(x, 1, stored, wholes)]);
        break;
      case "composite":
        stored.add(x);
        if (inputs.has(application)) break;
        inputs.set(
          application,
          application.inputs.map((input) => inOrder(input, stored)),
        );
    }
  }
  storeShared(order, stored);
  // What is stored for one reader is one more for those that read its operands as well: again, until all fit.
  for (let known = -1; known !== stored.size;) {
    known = stored.size;
    limitBindings(order, stored, bindings - 1);
  }
  return { stored, operands, inputs };
}

/** A tensor in memory that has the elements of x in their order: x itself, but for what is only reshaped. */
function inOrder(x: Tensor, stored: Set<Tensor>): Tensor {
  const whole = asItLies(x);
  if (whole.op) stored.add(whole);
  return whole;
}

/** What x is made of by few movements that leave all elements in their order; x itself where there are others. */
export function asItLies(x: Tensor): Tensor {
  const place = I.variable(ROW, x.size);
  const read = accessTo(x, place);
  const isSame =
    read?.bounds.length === 0 && read.index.key === place.key && read.tensor.size === x.size;
  return isSame ? read.tensor : x;
}

/**
 * Movements one behind the other through which the place of an element is followed; after that there is a copy. Each
 * may write the place that it is given several times, as a quotient and as a remainder, say.
 */
const FURTHEST = 16;

/** Whether there are few movements between x and what it is made of, counted as often as they are read. */
function isNear(x: Tensor): boolean {
  const pending = [x];
  for (let count = 0; pending.length > 0; count++) {
    if (count >= FURTHEST) return false;
    for (const y of pending.pop()!.inputs) if (y.op?.kind === "movement") pending.push(y);
  }
  return true;
}

/** Where an operand lies in memory, as a whole: the place of its element in row r and column c. */
interface Whole {
  place: I.Index;
  matrix: I.Index;
  r: I.Index;
  c: I.Index;
}

/** How an operand is read: as it lies in memory, through movements, unless it pays to store it first. */
function operandOf(
  product: Tensor,
  side: 0 | 1,
  stored: Set<Tensor>,
  wholes: Map<string, Whole>,
): Operand {
  const x = product.inputs[side];
  const { transposeA, transposeB } = product.attrs as ContractAttrs;
  const transposed = side === 0 ? transposeA : transposeB;
  const [rows, cols] = x.shape.slice(-2);
  const key = `${side}${transposed}${x.shape};${product.shape}`;
  const { place, matrix, r, c } = getOrMake(wholes, key, () => {
    const own = x.shape.slice(0, -2);
    const batch = product.shape.slice(0, -2);
    const lead = I.unflatten(I.variable(BATCH, sizeOf(batch)), batch);
    const coords = lead
      .slice(batch.length - own.length)
      .map((i, axis) => (own[axis] === 1 ? I.zero : i));
    const [outer, inner] = side === 0 ? [PRODUCT_ROW, TERM] : [TERM, PRODUCT_COLUMN];
    const r = I.variable(transposed ? inner : outer, rows);
    const c = I.variable(transposed ? outer : inner, cols);
    return { place: I.flatten([...coords, r, c], x.shape), matrix: I.flatten(coords, own), r, c };
  });
  const read = accessTo(x, place);
  if (read) {
    const lie = read.bounds.length > 0 ? null : matricesIn(read.index, r, c, rows, cols);
    if (lie || isReadInPlace(product, side, read)) {
      if (read.tensor.op) stored.add(read.tensor);
      const matrices = lie && { ...lie, transposed: lie.transposed !== transposed };
      return { ...read, matrices };
    }
  }
  if (x.op) stored.add(x);
  return { tensor: x, index: place, bounds: [], matrices: { transposed, matrix } };
}

type ElementAccess = Omit<Operand, "matrices">;

/**
 * The one element that an element of x is, a movement of few others. What is put together of pieces, or has something
 * else than zeros around it, is stored, and not what is made of it, windows, say. Numbers that are known lie in memory for a
 * product.
 */
function accessTo(x: Tensor, place: I.Index): ElementAccess | null {
  if (x.op?.kind !== "movement" || x.size === 0 || !isNear(x)) return null;
  const isSource = ({ op, inputs, attrs }: Tensor) =>
    op?.kind !== "movement" || inputs.length > 1 || !Object.is(op.fill?.(attrs) ?? 0, 0);
  return accessOf(new Expander(isSource).element(x, place));
}

/** The one element that an expression is while bounds hold, and 0 otherwise; null where it is anything else. */
function accessOf(x: Scalar): ElementAccess | null {
  if (x.kind === "load") return hasLoad(x.index) ? null : { ...x, bounds: [] };
  if (x.kind !== "pieces" || x.pieces.length !== 1) return null;
  const [{ bounds, value }] = x.pieces;
  if (x.otherwise.kind !== "constant" || !Object.is(x.otherwise.value, 0)) return null;
  const inner = accessOf(value);
  if (!inner || bounds.some((bound) => hasLoad(bound.value))) return null;
  return { ...inner, bounds: [...bounds, ...inner.bounds] };
}

/** Matrices of r rows and c columns at multiples of their size, as they are or transposed. */
function matricesIn(
  index: I.Index,
  r: I.Index,
  c: I.Index,
  rows: number,
  cols: number,
): Matrices | null {
  for (const transposed of [false, true]) {
    const place = transposed ? I.flatten([c, r], [cols, rows]) : I.flatten([r, c], [rows, cols]);
    const start = I.combine([
      [index, 1],
      [place, -1],
    ]);
    if ([PRODUCT_ROW, PRODUCT_COLUMN, TERM].some((loop) => I.mentions(start, loop))) continue;
    const matrix = dividedBy(start, rows * cols);
    if (matrix) return { transposed, matrix };
  }
  return null;
}

/** Products that use each element of an operand more often compute its place more often than a copy is worth. */
const FEW_USES = 64;

/** Whether a product computes the places of an operand's elements, rather than to read a copy of them in order. */
function isReadInPlace(
  product: Tensor,
  side: 0 | 1,
  { tensor, index, bounds }: ElementAccess,
): boolean {
  const x = product.inputs[side];
  const along = side === 0 ? PRODUCT_ROW : PRODUCT_COLUMN;
  if (bounds.length === 0 && I.isLinear(index, along) && I.isLinear(index, TERM)) return true;
  const { transposeA } = product.attrs as ContractAttrs;
  const terms = product.inputs[0].shape.at(transposeA ? -2 : -1)!;
  return x.size > tensor.size || product.size * terms <= FEW_USES * x.size;
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
 * How many elements the reader of each node reads, through the movements in between: infinitely many where there are
 * several readers, or one that reads it through several and so at several places.
 */
function readOf(order: readonly Tensor[]): Map<Tensor, number> {
  const read = new Map<Tensor, number>();
  for (const x of order.toReversed()) {
    const own = x.op?.kind === "movement" ? read.get(x) : sizeRead(x);
    if (own === undefined) continue;
    const { inputs } = x;
    inputs.forEach((input, i) => {
      if (inputs.indexOf(input) === i) read.set(input, read.has(input) ? Infinity : own);
    });
  }
  return read;
}

/** Stores elementwise results that several readers, or one much larger reader, would compute again and again. */
function storeShared(order: readonly Tensor[], stored: Set<Tensor>): void {
  const read = readOf(order);
  const weights = new Map<Tensor, number>();
  /** Movements one behind the other. */
  const ways = new Map<Tensor, number>();
  for (const x of order) {
    const kind = x.op?.kind;
    let weight = weightOf(x);
    let way = 0;
    for (const y of x.inputs) {
      if (stored.has(y)) continue;
      weight += weights.get(y)!;
      way = Math.max(way, ways.get(y)!);
    }
    if (kind === "movement") way++;
    weights.set(x, weight);
    ways.set(x, way);
    if ((kind !== "map" && kind !== "movement") || stored.has(x)) continue;
    const isShared = kind === "map" && (read.get(x) ?? 0) >= REPEATED * x.size;
    const isLong = weight >= LONGEST / 2 && lengthOf(x, stored) >= LONGEST / 2;
    if ((isShared && weight >= EXPENSIVE) || isLong || way >= FURTHEST) stored.add(x);
  }
}

/** Operations that a node is by itself; what is put together of pieces has to choose one. */
function weightOf({ op, inputs }: Tensor): number {
  switch (op?.kind) {
    case "map":
      return op.expensive ? EXPENSIVE : 1;
    case "movement":
      return op.fill ? inputs.length : inputs.length - 1;
    default:
      return 0;
  }
}

/** Operations in what computes x from stored values: once each, but for what a movement reads elsewhere. */
export function lengthOf(x: Tensor, stored: ReadonlySet<Tensor>): number {
  let length = weightOf(x);
  // Most are made of stored values alone.
  if (x.inputs.every((y) => stored.has(y) || y.op === null)) return length;
  const seen = new Set<Tensor>();
  length = 0;
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
  /** How many buffers an expression reads at most: those that several of its parts read may be counted for each. */
  const counts = new Map<Tensor, number>();
  const countOf = (x: Tensor) => (isInMemory(x, stored) ? 1 : (counts.get(x) ?? 0));
  const exact = (x: Tensor) => (isInMemory(x, stored) ? 1 : readBy(x, stored).size);
  for (const x of order) {
    // A matrix product and an op with a kernel of its own read what is stored for them.
    if (x.op?.kind === "contract" || x.op?.kind === "composite") continue;
    let count = x.inputs.reduce((sum, y) => sum + countOf(y), 0);
    if (count > most) count = readBy(x, stored).size;
    while (count > most) {
      const widest = [...x.inputs].sort((a, b) => exact(b) - exact(a))[0];
      if (exact(widest) <= 1) break;
      stored.add(widest);
      count = readBy(x, stored).size;
    }
    counts.set(x, count);
  }
}

/** What is read from memory to compute x. */
function readBy(x: Tensor, stored: ReadonlySet<Tensor>): Set<Tensor> {
  const read = new Set<Tensor>();
  const parts = new Set([x]);
  for (const part of parts) {
    for (const input of part.inputs) (isInMemory(input, stored) ? read : parts).add(input);
  }
  return read;
}
