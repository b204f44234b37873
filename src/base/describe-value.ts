import { DtypeError } from "./errors.ts";

/** What stands where a tensor should, for messages. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return `${value.constructor.name}; make a tensor of it: tensor(…)`;
  }
  return value === null ? "null" : typeof value;
}

/** Throws a DtypeError where something else stands for an instance of a class: JavaScript lets it through. */
export function checkInstance<T>(
  op: string,
  value: unknown,
  Class: abstract new (...args: never[]) => T,
  what = "a tensor",
): asserts value is T {
  if (value instanceof Class) return;
  throw new DtypeError(`${op}: expected ${what}, got ${describeValue(value)}`);
}
