import type { TypedArray } from "./base/dtype.ts";
import { describe, type Tensor } from "./graph/tensor.ts";

// NumPy's way of printing arrays: numpy/core/arrayprint.py, with its default options.

/** More elements than this are shown by their edges only, three at each end of an axis. */
const MOST_SHOWN = 1000;
const EDGE = 3;
/** The most digits behind the point in an array. */
const PRECISION = 8;
const LINE_WIDTH = 75;

/** dtype, shape and op of a tensor; once it has been read, its values too. */
export function formatTensor(x: Tensor): string {
  return x.printed ? `${formatValues(x, x.printed)} ${describe(x)}` : describe(x);
}

function formatValues(x: Tensor, values: TypedArray): string {
  if (values.length === 0) return "[]";
  const summarized = values.length > MOST_SHOWN;
  const strides = x.shape.map((_, axis) => x.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const shown: number[] = [];
  /** Visits what is shown and puts it together, from the innermost axis out. */
  const build = (axis: number, start: number, leaf: (value: number) => string): string => {
    if (axis === x.rank) return leaf(values[start]);
    const parts = placesShown(x.shape[axis], summarized).map((i) =>
      i === null ? "..." : build(axis + 1, start + i * strides[axis], leaf),
    );
    const gap = "\n".repeat(x.rank - 1 - axis) + " ".repeat(axis + 1);
    return `[${gap.startsWith("\n") ? parts.join(gap) : linesOf(parts, gap)}]`;
  };
  build(0, 0, (value) => String(shown.push(value)));
  return build(0, 0, formatter(x, shown));
}

/** A row, broken into lines that begin with an indent where it is too long for one. */
function linesOf(words: readonly string[], indent: string): string {
  const start = indent.length;
  let width = start;
  const spaced = words.map((word) => {
    const full = width > start && width + word.length > LINE_WIDTH - start;
    width = (full ? start : width) + word.length + 1;
    return (full ? `\n${indent}` : " ") + word;
  });
  return spaced.join("").slice(1).replace(/ +\n/g, "\n");
}

/** The places along an axis that are shown; null stands for those left out. */
function placesShown(length: number, summarized: boolean): (number | null)[] {
  const all = Array.from({ length }, (_, i) => i);
  return summarized && length > 2 * EDGE ? [...all.slice(0, EDGE), null, ...all.slice(-EDGE)] : all;
}

/** How each of the numbers is printed, so that they stand below each other. */
function formatter(x: Tensor, shown: readonly number[]): (value: number) => string {
  const print =
    x.dtype === "bool"
      ? (v: number) => (v ? "True".padStart(x.rank && 5) : "False")
      : x.dtype !== "float32"
        ? String
        : x.rank === 0
          ? scalarText
          : floatFormatter(shown);
  const width = Math.max(0, ...shown.map((v) => print(v).length));
  return (v) => print(v).padStart(width);
}

/** JavaScript drops the sign of −0. */
const minusOf = (v: number) => (Object.is(v, -0) ? "-" : "");

const special = (v: number) => (Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf");

/** A number by itself, as Python prints it: "5.0", "1e+10". */
function scalarText(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e8)) {
    const text = minusOf(value) + Number(shortest(value));
    return text.includes(".") ? text : `${text}.0`;
  }
  return Number.isFinite(value)
    ? exponential(value, mantissaDigits(value)).replace(".e", "e")
    : special(value);
}

function floatFormatter(shown: readonly number[]): (value: number) => string {
  const sizes = shown.filter((v) => Number.isFinite(v) && v !== 0).map(Math.abs);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const scientific =
    sizes.length > 0 && (most >= 1e8 || least < Math.fround(1e-4) || most / least > 1000);
  if (scientific) {
    const digits = Math.max(...shown.filter(Number.isFinite).map((v) => mantissaDigits(v)));
    return (v) => (Number.isFinite(v) ? exponential(v, digits) : special(v));
  }
  const fractions = shown.filter(Number.isFinite).map((v) => fraction(v).length);
  const width = Math.max(0, ...fractions);
  return (v) => {
    if (!Number.isFinite(v)) return special(v);
    return `${v < 0 ? "-" : minusOf(v)}${Math.trunc(Math.abs(v))}.${fraction(v).padEnd(width)}`;
  };
}

/** The fewest digits that give the float32 back, at most `PRECISION` of them behind the point. */
function shortest(value: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(value)) return text;
  }
  return String(value);
}

/** The digits behind the point, without zeros at the end. */
function fraction(value: number): string {
  const [, digits = ""] = Number(shortest(value)).toFixed(PRECISION).split(".");
  return digits.replace(/0+$/, "");
}

const mantissaDigits = (value: number) =>
  Number(shortest(value)).toExponential().split("e")[0].replace(/[-.]/g, "").length - 1;

/** "1.5e-05": at least two digits of exponent. */
function exponential(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(Math.min(digits, PRECISION)).split("e");
  const point = mantissa.includes(".") ? mantissa : `${mantissa}.`;
  return `${minusOf(value)}${point}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}
