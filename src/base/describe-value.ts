import { ArgumentError } from "./errors.ts";

/** What a value is, for messages: its class, or its type. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return value.constructor.name;
  if (typeof value !== "object") return typeof value;
  const { constructor } = value;
  const isPlain = typeof constructor !== "function" || constructor === Object;
  return isPlain ? "object" : `an instance of ${constructor.name}`;
}

/** The same for what stands where a tensor should. */
export function describeOperand(value: unknown): string {
  const isArray = Array.isArray(value) || ArrayBuffer.isView(value);
  return describeValue(value) + (isArray ? "; make a tensor of it: tensor(…)" : "");
}

/** Throws an ArgumentError where something else stands for an instance of a class: JavaScript lets it through. */
export function checkInstance<T>(
  op: string,
  value: unknown,
  Class: abstract new (...args: never[]) => T,
  what?: string,
): asserts value is T {
  if (value instanceof Class) return;
  const got = what ? describeValue(value) : describeOperand(value);
  throw new ArgumentError(`${op}: expected ${what ?? "a tensor"}, got ${got}`);
}
