import { isFloat, type Dtype } from "./dtype.ts";
import { shortest } from "./shortest.ts";

/** A number as a WGSL f32: the shortest decimal that reads back as the same float32. Only finite ones have a literal. */
export function floatLiteral(value: number): string {
  const x = Math.fround(value);
  const text = `${shortest(Math.abs(x))}`;
  const literal = /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
  return x < 0 || Object.is(x, -0) ? `(-${literal})` : literal;
}

/** A number of a given dtype in WGSL; a negative one is in parentheses. */
export function literal(value: number, dtype: Dtype): string {
  if (isFloat(dtype)) return floatLiteral(value);
  if (dtype === "bool") return value === 0 ? "false" : "true";
  if (dtype === "uint32") return `${value}u`;
  // The least integer is out of range as an i32 literal without its sign.
  return value < 0 ? `i32(${value})` : `${value}i`;
}
