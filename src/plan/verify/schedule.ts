import type { Tensor } from "../../graph/tensor.ts";
import type { Variable } from "../../graph/variable.ts";
import { Expander } from "../expression.ts";
import { isAccumulated, isCall, tensorsRead, tensorsWritten, type Part } from "../nest.ts";
import type { Passes } from "../passes.ts";
import { fail } from "./fail.ts";
import { verifyOrder } from "./order.ts";

/** Parts stand in order; what is written in place is assigned, and read by its own kernel at no other place. */
export function verifySchedule({ effects, parts, inPlace }: Passes["schedule"]): void {
  verifyOrder(
    parts.map((part) => [part]),
    inPlace,
  );
  const assigned = new Map<Tensor, Variable[]>();
  for (const { variable, value } of effects) {
    assigned.set(value, [...(assigned.get(value) ?? []), variable]);
  }
  const writers = new Map(parts.flatMap((part) => tensorsWritten(part).map((x) => [x, part])));
  for (const [value, variable] of inPlace) {
    const [own, ...others] = assigned.get(value) ?? [];
    if (own !== variable) fail(`${String(value)} is written into ${String(variable)} unasked`);
    if (others.length > 0) fail(`${String(value)} is written in place of several variables`);
    const writer = writers.get(value);
    if (!writer) fail(`nothing writes ${String(value)}`);
    if (!readsOwnElement(writer, value, variable)) {
      fail(`${String(variable)} is overwritten while other elements of it are read`);
    }
  }
}

function readsOwnElement(part: Part, value: Tensor, variable: Variable): boolean {
  const old = tensorsRead(part).filter(
    ({ source }) => source?.kind === "variable" && source.variable === variable,
  );
  if (old.length === 0) return true;
  if (isCall(part)) return false;
  const { product, cols, values } = part;
  if (cols > 1 || values.some(isAccumulated)) return false;
  if (product && [product.a, product.b].some(({ tensor }) => old.includes(tensor))) return false;
  const { place } = values.find((v) => v.tensor === value)!;
  const expander = new Expander(() => true);
  return values
    .flatMap(({ parts }) => parts.flatMap((part) => expander.loadsOf(part)))
    .every(
      ({ tensor, index, inIndex }) =>
        !old.includes(tensor) || (!inIndex && index.key === place!.key),
    );
}
