/** Digits of a number in a console. */
const digits = 6;

/** A value as a console writes it, in a line; numbers without the digits that float32 does not have. */
export function shown(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(digits)));
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (ArrayBuffer.isView(value)) {
    const numbers = Array.from(value as unknown as ArrayLike<number>);
    return `${value.constructor.name} [${numbers.map(shown).join(", ")}]`;
  }
  return String(value);
}
