import { isFloat, type TypedArray } from "../base/dtype.ts";
import { stridesOf } from "../base/shape.ts";
import { shortest } from "../base/shortest.ts";
import { describe, type Tensor } from "../graph/tensor.ts";

// NumPy's way of printing arrays: numpy/core/arrayprint.py, with its default options.

/** More elements than this are shown by their edges only, three at each end of an axis. */
const MOST_SHOWN = 1000;
const EDGE = 3;
/** The most digits behind the point in an array. */
const PRECISION = 8;
const LINE_WIDTH = 75;

/** dtype, shape and op of a tensor; once it has been read, its values too, where they are not many. */
export function formatTensor(x: Tensor): string {
  return x.printed ? `${formatValues(x, x.printed)} ${describe(x)}` : describe(x);
}

function formatValues(x: Tensor, values: TypedArray): string {
  if (values.length === 0) return "[]";
  const summarized = values.length > MOST_SHOWN;
  const strides = stridesOf(x.shape);
  const shown: number[] = [];
  /** Visits what is shown and puts it together, from the innermost axis out. */
  const build = (axis: number, start: number, leaf: (value: number) => string): string => {
    if (axis === x.rank) return leaf(values[start]);
    const parts = placesShown(x.shape[axis], summarized).map((i) =>
      i === null ? "..." : build(axis + 1, start + i * strides[axis], leaf),
    );
    const gap = "\n".repeat(x.rank - 1 - axis) + " ".repeat(axis + 1);
    return `[${axis < x.rank - 1 ? parts.join(gap) : linesOf(parts, gap)}]`;
  };
  build(0, 0, (value) => String(shown.push(value)));
  return build(0, 0, formatter(x, shown));
}

/** A row, broken into lines that begin with an indent where it is too long for one. */
function linesOf(words: readonly string[], indent: string): string {
  const room = LINE_WIDTH - 2 * indent.length;
  let width = 0;
  const spaced = words.map((word) => {
    const full = width > 0 && width + word.length > room;
    width = (full ? 0 : width) + word.length + 1;
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
function formatter({ dtype, rank }: Tensor, shown: readonly number[]): (value: number) => string {
  const float = rank === 0 ? scalarText : floatFormatter(shown.filter(Number.isFinite));
  const print = (v: number) => {
    if (dtype === "bool") return v ? "True".padStart(rank && 5) : "False";
    if (isFloat(dtype) && Number.isFinite(v)) return float(v);
    return String(v).toLowerCase().replace("inity", "");
  };
  const width = Math.max(...shown.map((v) => print(v).length));
  return (v) => print(v).padStart(width);
}

/** The sign of a number; JavaScript does not print that of −0. */
const signOf = (v: number) => (1 / v < 0 ? "-" : "");

/** A number by itself, as Python prints it: "5.0", "1e+10". */
function scalarText(value: number): string {
  const size = Math.abs(value);
  if (size > 0 && (size < 1e-4 || size >= 1e8)) {
    return exponential(value, mantissaDigits(value)).replace(".e", "e");
  }
  const text = signOf(value) + shortest(size);
  return text.includes(".") ? text : `${text}.0`;
}

/** How numbers in an array are printed, all in one way. */
function floatFormatter(shown: readonly number[]): (value: number) => string {
  const sizes = shown.filter((v) => v !== 0).map(Math.abs);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const scientific = most >= 1e8 || least < Math.fround(1e-4) || most / least > 1000;
  const digits = scientific ? mantissaDigits : (v: number) => fraction(v).length;
  const width = Math.max(...shown.map(digits));
  return (v) =>
    scientific
      ? exponential(v, width)
      : `${signOf(v)}${Math.trunc(Math.abs(v))}.${fraction(v).padEnd(width)}`;
}

/** The digits behind the point, without zeros at the end. */
const fraction = (value: number) =>
  shortest(value)
    .toFixed(PRECISION)
    .replace(/.*\.|0+$/g, "");

const mantissaDigits = (value: number) =>
  shortest(value)
    .toExponential()
    .replace(/e.*|\D/g, "").length - 1;

/** "1.5e-05": a point, and at least two digits of exponent. */
const exponential = (value: number, digits: number) =>
  signOf(value) +
  Math.abs(value)
    .toExponential(Math.min(digits, PRECISION))
    .replace(/(?<=^\d)e/, ".e")
    .replace(/(?<=e.)\d$/, "0$&");
