import { getOrMake } from "../base/maps.ts";
import type { Body } from "./body.ts";
import type { Attrs, CompositeOp, Derivative, Op, Rules, SingleOp, Spec } from "./op.ts";
import type { Tensor } from "./tensor.ts";

type ListRules = Rules<Attrs, "several">;

/** The rules of any op but for the reference, in the form that they have where there are several results. */
export interface GeneralRules extends Omit<ListRules, "cpu" | "complex" | "infer"> {
  infer(inputs: readonly Spec[], attrs: Attrs, bodies: readonly Body[]): readonly Spec[];
  /** What a composite is made of. */
  decompose?(inputs: readonly Tensor[], attrs: Attrs, bodies: readonly Body[]): readonly Tensor[];
}

const lifted = new WeakMap<SingleOp, GeneralRules>();

/** The rules of an op for what walks graphs, to which one result is a list of one. */
export function rulesOf(op: Op): GeneralRules {
  if (op.kind === "composite" && op.several) return op;
  return getOrMake(lifted, op, () => lift(op));
}

function lift(op: SingleOp): GeneralRules {
  const rules: Omit<CompositeOp, "kind" | "decompose" | "complex"> = op;
  const parts = op.kind === "composite" ? op : null;
  return {
    name: op.name,
    infer: (...args) => [rules.infer(...args)],
    derivative: liftDerivative(rules.derivative),
    batch: rules.batch && ((...args) => [rules.batch!(...args)]),
    decompose: parts ? (...args) => [parts.decompose(...args)] : undefined,
  };
}

function liftDerivative(own: Derivative<Attrs>): Derivative<Attrs, "several"> {
  switch (own.kind) {
    case "partials":
      return { ...own, partials: (inputs, [y], attrs) => own.partials(inputs, y, attrs) };
    case "linear":
      return { ...own, transpose: ([g], inputs, attrs) => own.transpose(g!, inputs, attrs) };
    case "multilinear":
      return { ...own, transpose: ([g], inputs, attrs) => own.transpose(g!, inputs, attrs) };
    case "composite":
      return { ...own, decompose: (...args) => [own.decompose(...args)] };
    case "differential":
      return {
        ...own,
        differential: (dx, inputs, [y], attrs) => [own.differential(dx, inputs, y, attrs)],
      };
    case "pullback":
      return { ...own, pull: ([g], ...rest) => own.pull(g!, ...rest) };
    case "none":
      return own;
  }
}
