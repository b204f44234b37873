import type { PrintDivision } from "../../../base/index-expr.ts";

/** ⌊x / by⌋ = ⌊x · factor / 2^shift⌋ for all whole x from 0 to `max`; null where x · factor may leave a word. */
export function reciprocalOf(by: number, max: number): { factor: number; shift: number } | null {
  for (let shift = 0; shift < 32; shift++) {
    const factor = Math.ceil(2 ** shift / by);
    if (max * factor >= 2 ** 32) return null;
    // x · factor / 2^shift is x / by and an error, which has to stay below the 1 / by that is left to the next number.
    if (max * (factor * by - 2 ** shift) < 2 ** shift) return { factor, shift };
  }
  return null;
}

/** Prints quotients and remainders by constants as products and shifts, where the range of x allows. */
export const printDivision: PrintDivision = (kind, text, by, max) => {
  const found = reciprocalOf(by, max);
  if (!found) return `(${text}) ${kind === "div" ? "/" : "%"} ${by}u`;
  const { factor, shift } = found;
  if (kind === "div")
    return `${factor === 1 ? `(${text})` : `((${text}) * ${factor}u)`} >> ${shift}u`;
  return factor === 1 ? `(${text}) & ${by - 1}u` : `modulo(${text}, ${by}u, ${factor}u, ${shift}u)`;
};
