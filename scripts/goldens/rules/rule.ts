import { Tensor } from "cotangent";
import type { Case } from "../format.ts";

export type Tensors = Record<string, Tensor>;

/** What the op of a golden computes, as a user of the library would write it: one result, or several by name. */
export type Rule = (inputs: Tensors, attrs: never, c: Case) => Tensor | Tensors;

export type Rules = Record<string, Rule>;

/** What a rule makes of the inputs of a case; a lone result is y. */
export function apply(rule: Rule, inputs: Tensors, c: Case): Tensors {
  const result = rule(inputs, c.attrs as never, c);
  return result instanceof Tensor ? { y: result } : result;
}

/** Computes what a case stores from its stored tensors, both by part and name: "in.x", "out64.y". */
export type Run = (given: Tensors) => Tensors;

/** The tensors of one part, by name. */
export function under(part: string, stored: Tensors): Tensors {
  const own = Object.entries(stored).filter(([name]) => name.startsWith(`${part}.`));
  return Object.fromEntries(own.map(([name, x]) => [name.slice(part.length + 1), x]));
}

/** Tensors by part and name. */
export const prefixed = (part: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [`${part}.${name}`, x]));
