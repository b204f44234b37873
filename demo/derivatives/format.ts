const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const subscripts = "₀₁₂₃₄₅₆₇₈₉";

const raised = (n: number) =>
  String(n)
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => superscripts[Number(digit)]);

/** A number for reading: with a minus of the right length, and powers of ten where it is very large or small. */
export function numeral(value: number, digits = 4): string {
  if (Number.isNaN(value)) return "no value";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6)
      ? value.toExponential(digits - 1).replace(/\.?0*e/, "e")
      : String(Number(value.toPrecision(digits)));
  const [mantissa, power] = text.split("e");
  const shown = mantissa.replace("-", "−");
  if (power === undefined) return shown;
  const ten = `10${raised(Number(power))}`;
  return mantissa === "1" ? ten : mantissa === "-1" ? `−${ten}` : `${shown}·${ten}`;
}

/** Names of nodes as one writes them: x12 as x₁₂. */
export const subscripted = (text: string): string =>
  text.replace(/\bx(\d+)/g, (_, digits: string) =>
    digits.replace(/\d/g, (digit) => subscripts[Number(digit)]).replace(/^/, "x"),
  );
