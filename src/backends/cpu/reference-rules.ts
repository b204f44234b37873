import { isFloat } from "../../base/dtype.ts";
import type { Attrs, MapOp, Op, Rules, Spec } from "../../graph/op.ts";
import { mapComplex, mapReal } from "../../graph/reference.ts";
import { apart } from "./apart.ts";

/** What the reference knows of an op: of any one, as if it had several results. */
export type ReferenceRules = Partial<Pick<Rules<Attrs, "several">, "cpu" | "complex">>;

/** The rules of an op for the reference; without `cpu` it is that of its parts. */
export function referenceOf(op: Op): ReferenceRules {
  const own = { ...op, ...apart.get(op.name) } as Op;
  if (own.kind === "composite" && own.several) return own;
  const { cpu, complex }: Partial<Pick<Rules, "cpu" | "complex">> =
    own.kind === "map" ? elementByElement(own) : own;
  return {
    cpu: cpu && ((xs, specs, attrs, [out], R) => [cpu(xs, specs, attrs, out, R)]),
    complex: complex && ((xs, specs, attrs, [out], R, C) => [complex(xs, specs, attrs, out, R, C)]),
  };
}

/** The rules of an op that computes one number from one of each input. */
function elementByElement({ real, integer, complex }: MapOp): Pick<Rules, "cpu" | "complex"> {
  const on = ([{ dtype }]: readonly Spec[]) => (isFloat(dtype) ? real : (integer ?? real));
  return {
    cpu: (inputs, specs, attrs, out) => mapReal(on(specs), inputs, specs, attrs, out),
    complex:
      complex &&
      ((inputs, specs, attrs, out, _, C) => mapComplex(complex(C), inputs, specs, attrs, out)),
  };
}
