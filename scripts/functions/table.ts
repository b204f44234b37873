import { RANGES, type Finding, type Worst } from "./sweep.ts";

const LABELS = RANGES.map((end, i) => {
  if (i === 0) return "subnormal";
  return end === Infinity ? `${nameOf(RANGES[i - 1])} …` : `… ${nameOf(end)}`;
});

function nameOf(bound: number): string {
  const exponent = Math.log2(bound);
  return Number.isInteger(exponent) && Math.abs(exponent) > 8 ? `2^${exponent}` : String(bound);
}

/** Ulps up to which a number alone says enough. */
const SMALL = 5;

function cell({ ulps, roundings }: Worst): string {
  if (ulps === 0) return "0";
  if (ulps <= SMALL) return ulps.toFixed(2);
  const size = ulps < 1e5 ? ulps.toFixed(0) : ulps.toExponential(0);
  return `${size} (${roundings < 100 ? roundings.toFixed(1) : roundings.toExponential(0)})`;
}

/** What a sweep has found as a table, a line for each function, and what its numbers mean. */
export function table(findings: readonly Finding[]): string {
  const head = ["|x|", ...LABELS, "wrong"];
  const rows = findings.map(({ name, worst, wrong }) => [
    name,
    ...worst.map(cell),
    String(wrong.length),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[0]) : text.padStart(widths[i]))).join("  ");
  return [head, ...rows].map(line).join("\n");
}

export const LEGEND = `Each number is the largest error found in a range of |x|, in units in the last place (ulps) of the
float64 result: 0.5 is as good as float32 can be. Above ${SMALL} ulps the same error follows in brackets as a
multiple of what two roundings make of the result, that of x and that of y, where such roundings are
magnified: near zeros of the function, or where it grows fast. "wrong" counts NaN and infinities
that no rounding explains; a gradient may be ∞ where its function is, or where it is within a
factor of 2 of the largest number. Subnormal numbers may count as 0, also on the way to
a result: errors below 2^-121 are left out. From 12000 on sin and cos are right to 1.8e-7, which next to
their zeros is few digits.`;
