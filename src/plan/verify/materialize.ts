import * as I from "../../base/index-expr.ts";
import type { ContractAttrs } from "../../graph/op.ts";
import { topologicalOrder, type Tensor } from "../../graph/tensor.ts";
import { accumulates } from "../fuse.ts";
import { PRODUCT_COLUMN, PRODUCT_ROW, TERM } from "../loop-variables.ts";
import type { Operand } from "../materialize.ts";
import type { Passes } from "../passes.ts";
import { fail } from "./fail.ts";
import { areEqual, staysWithin } from "./ranges.ts";

/** Results, folds, scans, products and what kernels of ops' own make are stored; these read what is in memory, within its bounds. */
export function verifyStored({
  roots,
  chosen: { stored, operands, inputs },
}: Passes["materialize"]): void {
  for (const x of stored) if (!x.op) fail(`${String(x)} is stored, but no op makes it`);
  for (const x of roots) {
    if (x.op && !stored.has(x)) fail(`the result ${String(x)} is not stored`);
  }
  for (const x of topologicalOrder(roots)) {
    if (accumulates(x) && !stored.has(x)) fail(`the fold or scan ${String(x)} is not stored`);
    if (x.op?.kind === "composite") verifyWhole(x, inputs.get(x.application!), stored);
    if (x.op?.kind !== "contract") continue;
    if (!stored.has(x)) fail(`the product ${String(x)} is not stored`);
    const own = operands.get(x);
    if (!own) fail(`the product ${String(x)} has no operands`);
    own.forEach((operand, side) => verifyOperand(x, side, operand, stored));
  }
}

/** Products and kernels of ops' own read sources from memory, those too that are a single number. */
export const isReadable = (x: Tensor, stored: ReadonlySet<Tensor>) =>
  stored.has(x) || x.op === null;

/** An op with a kernel of its own reads tensors that have the elements of its inputs. */
function verifyWhole(
  x: Tensor,
  operands: readonly Tensor[] | undefined,
  stored: ReadonlySet<Tensor>,
): void {
  if (!stored.has(x)) fail(`${String(x)} is not stored`);
  if (operands?.length !== x.inputs.length) fail(`${String(x)} has too few operands`);
  operands.forEach((operand, i) => {
    if (!isReadable(operand, stored)) fail(`input ${i} of ${String(x)} is not in memory`);
    if (operand.size !== x.inputs[i].size) fail(`input ${i} of ${String(x)} has another size`);
  });
}

function verifyOperand(
  product: Tensor,
  side: number,
  { tensor, index, bounds, matrices }: Operand,
  stored: ReadonlySet<Tensor>,
): void {
  const name = `operand ${side} of ${String(product)}`;
  if (!isReadable(tensor, stored)) fail(`${name}, ${String(tensor)}, is not in memory`);
  if (product.size === 0 || product.inputs[side].size === 0) return;
  if (!staysWithin(index, bounds, tensor.size)) fail(`${name} leaves ${String(tensor)}`);
  if (!matrices) return;
  const { transposeA } = product.attrs as ContractAttrs;
  const [m, n] = product.shape.slice(-2);
  const k = product.inputs[0].shape.at(transposeA ? -2 : -1)!;
  const [rows, cols] = side === 0 ? [m, k] : [k, n];
  const [outer, inner] = side === 0 ? [PRODUCT_ROW, TERM] : [TERM, PRODUCT_COLUMN];
  const [r, c] = [I.variable(outer, rows), I.variable(inner, cols)];
  const place = matrices.transposed
    ? I.flatten([c, r], [cols, rows])
    : I.flatten([r, c], [rows, cols]);
  const lies = I.combine([
    [matrices.matrix, rows * cols],
    [place, 1],
  ]);
  if (bounds.length > 0 || !areEqual(lies, index)) fail(`${name} does not lie as matrices`);
}
