/** Digits of a number in a console. */
const digits = 6;

/** Numbers of an array that are written out, and those at either end of a longer one. */
const [most, ends] = [12, 2];

/** Numbers in brackets; of many those at the ends. */
function listed(numbers: readonly number[]): string {
  const all = numbers.map(shown);
  const some = all.length > most ? [...all.slice(0, ends), "…", ...all.slice(-ends)] : all;
  return `[${some.join(", ")}]`;
}

/** A value as a console writes it, in a line; numbers without the digits that float32 does not have. */
export function shown(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(digits)));
  if (value instanceof Set) return shown([...value]);
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (ArrayBuffer.isView(value)) {
    const numbers = Array.from(value as unknown as ArrayLike<number>);
    const count = numbers.length > most ? `(${numbers.length})` : "";
    return `${value.constructor.name}${count} ${listed(numbers)}`;
  }
  if (value && Object.getPrototypeOf(value) === Object.prototype) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${shown(field)}`);
    return fields.length > 0 ? `{ ${fields.join(", ")} }` : "{}";
  }
  if (typeof value === "function") return value.name || "a function";
  return String(value);
}
