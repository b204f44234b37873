import { globals } from "webgpu";

// A driver that takes liberties which WGSL gives and GPUs take, on top of the one that is there: shaders are rewritten to
// what it makes of them.

/** What may be selected: a name, a number, or a function of one. */
const SIMPLE = String.raw`-?[\w.]+(?:\([\w.]*\))?`;
const COMPARISON = String.raw`(${SIMPLE}) ([<>]) (${SIMPLE})`;

/** Makes min and max of what comparisons select, which may return the number where the other operand is NaN. */
function bounds(code: string): string {
  const named = new Map(
    [...code.matchAll(new RegExp(String.raw`let (\w+) = (${COMPARISON});`, "g"))].map(
      ([, name, comparison]) => [name, comparison] as const,
    ),
  );
  const select = new RegExp(
    String.raw`select\((${SIMPLE}), (${SIMPLE}), (${COMPARISON}|v\d+)\)`,
    "g",
  );
  return code.replace(select, (text, a: string, b: string, condition: string) => {
    const [, left, sign, right] =
      new RegExp(`^${COMPARISON}$`).exec(named.get(condition) ?? condition) ?? [];
    if (left === a && right === b)
      return `${sign === "<" ? "driverLarger" : "driverSmaller"}(${a}, ${b})`;
    if (left === b && right === a)
      return `${sign === "<" ? "driverSmaller" : "driverLarger"}(${a}, ${b})`;
    return text;
  });
}

/** Makes a·b² of (a·b)·b and b·a·b, a/b² of (a/b)/b, and one rounding of those of a·b − c; function by function. */
const reordered = (code: string) =>
  code
    .split(/^(?=fn )/m)
    .map(reorderedBody)
    .join("");

function reorderedBody(code: string): string {
  const product = /let (v\d+) = (\w+|\([^()]*\)) \* ([\w.]+f);/g;
  const products = new Map([...code.matchAll(product)].map(([, name, a, b]) => [name, [a, b]]));
  return code
    .replace(/ ([*/]) (v\d+) \1 \2\b/g, " $1 ($2 * $2)")
    .replace(/\b(v\d+) \* (v\d+) \* \1\b/g, "$1 * $1 * $2")
    .replace(/\b(v\d+) - (v\d+)\b/g, (text, name: string, c: string) => {
      const factors = products.get(name);
      // x − x is then a rounding of x, which is right as well, but where the reference has 0 nothing else is.
      return factors && name !== c ? `driverFused(${factors.join(", ")}, -${c})` : text;
    });
}

/** Makes 0 of the reciprocals of numbers above 2¹²⁶, which divisions multiply by. */
function divisions(code: string): string {
  // What makes an integer has a literal, apart from where it lies in memory.
  const integers = new Set(
    code
      .replace(/\[[^\]]*\]/g, "")
      .split("\n")
      .flatMap((line) => /let (\w+) = .*\b\d+[iu]\b/.exec(line)?.[1] ?? []),
  );
  let done = code;
  // From the last one on, so that divisors are whole texts.
  for (let at = done.length; (at = done.lastIndexOf(" / ", at - 1)) >= 0;) {
    const rest = done.slice(at + 3);
    const divisor = primaryOf(rest);
    if (!/^\(*[a-z]/.test(divisor) || integers.has(divisor)) continue;
    done = `${done.slice(0, at)} / driverDivisor(${divisor})${rest.slice(divisor.length)}`;
  }
  return done;
}

/** What a text begins with: a name, a number, a call, or something in parentheses. */
function primaryOf(text: string): string {
  let end = /^[\w.]*/.exec(text)![0].length;
  for (let depth = 0; text[end] === "(" || depth > 0; end++) {
    depth += text[end] === "(" ? 1 : text[end] === ")" ? -1 : 0;
  }
  return text.slice(0, end);
}

const DRIVER = `
fn driverSmaller(a: f32, b: f32) -> f32 { return select(b, a, a < b || (bitcast<u32>(b) << 1u) > 0xff000000u); }
fn driverLarger(a: f32, b: f32) -> f32 { return select(b, a, a > b || (bitcast<u32>(b) << 1u) > 0xff000000u); }
fn driverUpper(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }
fn driverFused(a: f32, b: f32, c: f32) -> f32 {
  let p = a * b;
  let ah = driverUpper(a);
  let bh = driverUpper(b);
  let error = ((ah * bh - p) + ah * (b - bh) + (a - ah) * bh) + (a - ah) * (b - bh);
  return (p + c) + error;
}
fn driverDivisor(x: f32) -> f32 {
  let infinity = bitcast<f32>((bitcast<u32>(x) & 0x80000000u) | 0x7f800000u);
  return select(x, infinity, abs(x) > 0x1p126f);
}`;

Object.assign(globalThis, globals);
const { prototype } = GPUDevice;
const make = prototype.createShaderModule;
prototype.createShaderModule = function (descriptor) {
  const text = descriptor.code.replace(/\/\/.*$/gm, "");
  // Names are those of a function's.
  const functions = text.split(/^(?=fn )/m).map((f) => divisions(reordered(bounds(f))));
  const code = functions.join("");
  return make.call(this, { ...descriptor, code: code + DRIVER });
};
