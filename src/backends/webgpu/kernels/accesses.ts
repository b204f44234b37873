import * as I from "../../../base/index-expr.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import { indicesOf, partsOf, type Scalar } from "../../../graph/scalar.ts";
import { elementOf } from "../../../plan/expression.ts";
import { COLUMN } from "../../../plan/loop-variables.ts";
import { isAccumulated, type Nest, type Value } from "../../../plan/nest.ts";
import { LANES, openPieces, type Lanes } from "./lanes.ts";

/**
 * Calls `visit` for each tensor that a nest reads or writes element by element rather than in vectors. What it reads in
 * vectors of columns, and beside them once for a row, is none of these. `isStoredAlone`: whether a value is stored by itself
 * even where its places are neighbours.
 */
export function forEachScalarAccess(
  { values, product }: Nest,
  lanes: Lanes | null,
  isStoredAlone: (v: Value) => boolean,
  visit: (x: Tensor) => void,
): void {
  // What the kernel has computed is in registers.
  const local = new Set(values.filter(isAccumulated).map((v) => v.tensor));
  if (product) local.add(product.tensor);
  const seen = new Set<Scalar>();
  const inVectors = new Set<Tensor>();
  const alone = new Set<Tensor>();
  const load = (x: Tensor, index: I.Index) => {
    if (lanes?.vectorAt(index)) inVectors.add(x);
    else if (lanes?.variable === COLUMN && !I.mentions(index, COLUMN)) alone.add(x);
    else visit(x);
  };
  const inIndex = (index: I.Index) => I.forEachLoad(index, (source) => read(elementOf(source)));
  const read = (x: Scalar): void => {
    if (seen.has(x)) return;
    seen.add(x);
    if (x.kind === "pieces") {
      for (let lane = 0; lane < (lanes ? LANES : 1); lane++) {
        const { pieces, otherwise } = openPieces(x, lanes, lane);
        for (const { bounds, value } of pieces) {
          bounds.forEach((b) => inIndex(b.value));
          read(value);
        }
        read(otherwise);
      }
    } else if (x.kind !== "load" || !local.has(x.tensor)) {
      if (x.kind === "load") load(x.tensor, x.index);
      indicesOf(x).forEach(inIndex);
      partsOf(x).forEach(read);
    }
  };
  for (const v of values) {
    v.parts.forEach(read);
    if (!v.place) continue;
    if (isStoredAlone(v) || !lanes?.vectorAt(v.place)) visit(v.tensor);
    inIndex(v.place);
  }
  for (const x of alone) if (!inVectors.has(x)) visit(x);
}
