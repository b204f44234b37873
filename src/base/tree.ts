import { ValueError } from "./errors.ts";

/** Whether a value is an object literal: nothing that has a class of its own. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The same nesting with every leaf replaced; what is neither an array nor a plain object is a leaf. */
export function mapTree(
  tree: unknown,
  leaf: (value: unknown) => unknown,
  around: readonly unknown[] = [],
): unknown {
  if (!Array.isArray(tree) && !isPlainObject(tree)) return leaf(tree);
  if (around.includes(tree)) {
    throw new ValueError("a list or object that holds itself is no argument or result");
  }
  const inner = (v: unknown) => mapTree(v, leaf, [...around, tree]);
  if (Array.isArray(tree)) return tree.map(inner);
  return Object.fromEntries(Object.entries(tree).map(([k, v]) => [k, inner(v)]));
}
