import * as I from "../../base/index-expr.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partsOf, type Scalar } from "../../graph/scalar.ts";
import { elementOf } from "../expression.ts";
import { isInMemory } from "../materialize.ts";
import { isCall, tensorsWritten, type Nest, type Value } from "../nest.ts";
import type { Passes } from "../passes.ts";
import { fail } from "./fail.ts";
import { isReadable } from "./materialize.ts";
import { isOneToOne, staysWithin } from "./ranges.ts";

/** Nests compute what their groups hold, and each is sound by itself; calls read what is in memory. */
export function verifyNests({ chosen, grouped, written, parts }: Passes["nest"]): void {
  const places = new Set<Tensor>();
  parts.forEach((part, i) => {
    const { members, place } = grouped.groups[i];
    const isElsewhere = (x: Tensor) => isInMemory(x, chosen.stored) && !members.has(x);
    if (isCall(part)) {
      const missing = part.operands.find((x) => !isReadable(x, chosen.stored) || members.has(x));
      if (missing) fail(`${part.application.op.name} reads ${String(missing)}, which is not there`);
    } else {
      verifyNest(part, place, isElsewhere);
      const other = part.values.find(({ tensor }) => !members.has(tensor));
      if (other) fail(`a nest computes ${String(other.tensor)}, which is not in its group`);
    }
    for (const x of tensorsWritten(part)) {
      if (places.has(x)) fail(`two nests write ${String(x)}`);
      places.add(x);
    }
  });
  for (const x of written) {
    if (chosen.stored.has(x) && x.size > 0 && !places.has(x)) fail(`nothing writes ${String(x)}`);
  }
}

/**
 * A nest reads what is in memory and what it has folded or scanned before, all of it within bounds, and writes each
 * element of a value once. A scan is read at the column where the loop is.
 */
function verifyNest(nest: Nest, own: I.Index, isInMemoryElsewhere: (x: Tensor) => boolean): void {
  const { rows, cols, values, product } = nest;
  const known = new Set<Tensor>(product ? [product.tensor] : []);
  const scans = new Set<Tensor>();
  const reads = new Set(nest.reads);
  for (const value of values) {
    const { tensor, level, role, parts, place } = value;
    const check: CheckLoad = (x, index, bounds, isIndex) => {
      if (known.has(x)) {
        if (isIndex) fail(`${String(tensor)} is found by ${String(x)} of the same nest`);
        if (scans.has(x) && index.key !== own.key) {
          fail(`${String(tensor)} reads the scan ${String(x)} elsewhere, at ${index.key}`);
        }
      } else if (!isInMemoryElsewhere(x)) {
        fail(`${String(tensor)} reads ${String(x)}, which is not there`);
      } else if (!reads.has(x)) {
        fail(`a nest reads ${String(x)} unnoticed`);
      }
      // Of no columns, none is read.
      const isRead = cols > 0 || (role.kind === "element" && level === "row");
      if (isRead && !staysWithin(index, bounds, x.size)) {
        fail(`${String(tensor)} reads ${String(x)} outside of it, at ${index.key}`);
      }
    };
    // What is the nest's own is not read to be written.
    if (tensor !== product?.tensor) {
      const checker = new LoadChecker(check);
      for (const part of parts) checker.scalar(part, []);
    }
    if (role.kind !== "element") known.add(tensor);
    if (role.kind === "scan") scans.add(tensor);
    verifyPlace(value, level === "row" ? rows : rows * cols, place);
  }
}

function verifyPlace({ tensor }: Value, count: number, place: I.Index | null): void {
  if (!place) return;
  if (!isOneToOne(place, count)) fail(`${String(tensor)} is not written element by element`);
  if (count !== tensor.size) fail(`${count} elements are written of ${String(tensor)}`);
}

type CheckLoad = (x: Tensor, index: I.Index, bounds: readonly I.Bound[], isIndex: boolean) => void;

/** Walks an expression with the bounds that hold where each part of it is read. */
class LoadChecker {
  readonly #check: CheckLoad;
  readonly #seen = new Map<readonly I.Bound[], Set<Scalar>>();

  constructor(check: CheckLoad) {
    this.#check = check;
  }

  scalar(x: Scalar, bounds: readonly I.Bound[], isIndex = false): void {
    const seen = this.#seen.get(bounds) ?? new Set();
    if (seen.has(x)) return;
    this.#seen.set(bounds, seen.add(x));
    if (x.kind === "load") this.#check(x.tensor, x.index, bounds, isIndex);
    if ("index" in x) this.#index(x.index, bounds);
    if (x.kind !== "pieces") {
      for (const part of partsOf(x)) this.scalar(part, bounds, isIndex);
      return;
    }
    for (const piece of x.pieces) {
      for (const { value } of piece.bounds) this.#index(value, bounds);
      this.scalar(piece.value, [...bounds, ...piece.bounds], isIndex);
    }
    this.scalar(x.otherwise, bounds, isIndex);
  }

  #index(index: I.Index, bounds: readonly I.Bound[]): void {
    I.forEachLoad(index, (source) => this.scalar(elementOf(source), bounds, true));
  }
}
