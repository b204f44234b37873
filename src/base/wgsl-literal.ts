import { isFloat, type Dtype } from "./dtype.ts";
import { shortest } from "./shortest.ts";

/** A number as a WGSL f32: the shortest decimal that reads back as the same float32. Only finite ones have a literal. */
export function floatLiteral(value: number): string {
  const x = Math.fround(value);
  // No literal may be larger than the greatest float32, which its shortest decimal is.
  const text = `${Math.min(shortest(Math.abs(x)), 3.4028234e38)}`;
  const literal = /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
  // −0 too, whose reciprocal is −∞.
  return 1 / x < 0 ? `(-${literal})` : literal;
}

/** A number of a given dtype in WGSL; a negative one is in parentheses. */
export function literal(value: number, dtype: Dtype): string {
  if (isFloat(dtype)) return floatLiteral(value);
  if (dtype === "bool") return `${value !== 0}`;
  if (dtype === "uint32") return `${value}u`;
  // The least integer is out of range as an i32 literal without its sign.
  return value < 0 ? `i32(${value})` : `${value}i`;
}
