import type { Expression } from "./expression.ts";
import { numeral } from "./format.ts";

/** What stands for an input in a formula, as MathML. */
export type Names = (index: number) => string;

export const row = (...parts: string[]): string => `<mrow>${parts.join("")}</mrow>`;
export const operator = (sign: string): string => `<mo>${sign}</mo>`;
export const identifier = (name: string): string => `<mi>${name}</mi>`;

/** A number that is known: e and π by their names. */
export function numberOf(value: number): string {
  if (value === Math.E) return identifier("e");
  if (value === Math.PI) return identifier("π");
  if (Number.isNaN(value)) return "<mtext>no value</mtext>";
  return value < 0
    ? row(operator("−"), `<mn>${numeral(-value)}</mn>`)
    : `<mn>${numeral(value)}</mn>`;
}

/** xₖ for the input with the index k − 1. */
export const subscriptedName: Names = (index) => `<msub><mi>x</mi><mn>${index + 1}</mn></msub>`;

/** Numbers in the places of the inputs, negative ones in brackets. */
export const valuesAsNames =
  (values: readonly number[]): Names =>
  (index) =>
    values[index] < 0 ? bracketed(numberOf(values[index])) : numberOf(values[index]);

const bracketed = (inner: string) => row(operator("("), inner, operator(")"));

/** How tightly an expression holds together, from sums to what nothing can tear apart. */
const SUM = 1;
const PRODUCT = 2;
const POWER = 3;
const ATOM = 4;

function strengthOf(e: Expression): number {
  if (e.kind === "number") return e.value < 0 ? SUM : ATOM;
  if (e.kind === "input") return ATOM;
  const strengths: Readonly<Record<string, number>> = {
    add: SUM,
    sub: SUM,
    neg: SUM,
    mul: PRODUCT,
    div: POWER,
    reciprocal: POWER,
    pow: POWER,
    exp: POWER,
  };
  return strengths[e.name] ?? PRODUCT + 0.5;
}

const spelled: Readonly<Record<string, string>> = {
  asin: "arcsin",
  acos: "arccos",
  atan: "arctan",
  sigmoid: "σ",
};

/** Whether a product with it at the right needs a sign: after a number, or before one. */
function beginsWithDigit(e: Expression): boolean {
  if (e.kind !== "call") return e.kind === "number" && e.value >= 0;
  return ["add", "sub", "mul", "div", "pow", "reciprocal"].includes(e.name)
    ? e.name === "div" || e.name === "reciprocal" || beginsWithDigit(e.args[0])
    : false;
}

/** A formula as MathML: products without a sign where `isSparse`, as for names; numbers need one. */
export function formula(e: Expression, names: Names = subscriptedName, isSparse = true): string {
  const write = (each: Expression) => formula(each, names, isSparse);
  const atLeast = (strength: number, each: Expression) =>
    strengthOf(each) < strength ? bracketed(write(each)) : write(each);
  if (e.kind === "number") return numberOf(e.value);
  if (e.kind === "input") return names(e.index);
  const [a, b] = e.args;
  switch (e.name) {
    case "add":
      return row(
        write(a),
        operator("+"),
        b.kind === "number" && b.value < 0 ? atLeast(PRODUCT, b) : write(b),
      );
    case "sub":
      return row(write(a), operator("−"), atLeast(PRODUCT, b));
    case "neg":
      return row(operator("−"), atLeast(PRODUCT, a));
    case "mul":
      return row(
        atLeast(PRODUCT, a),
        isSparse && !beginsWithDigit(b) ? `<mspace width="0.167em"/>` : operator("·"),
        atLeast(PRODUCT, b),
      );
    case "div":
      return `<mfrac>${write(a)}${write(b)}</mfrac>`;
    case "reciprocal":
      return `<mfrac><mn>1</mn>${write(a)}</mfrac>`;
    case "pow":
      return `<msup>${atLeast(ATOM, a)}${write(b)}</msup>`;
    case "exp":
      return `<msup><mi>e</mi>${write(a)}</msup>`;
    case "sqrt":
      return `<msqrt>${write(a)}</msqrt>`;
    case "abs":
      return row(operator("|"), write(a), operator("|"));
    default: {
      const argument = strengthOf(a) < ATOM ? bracketed(write(a)) : write(a);
      return row(
        identifier(spelled[e.name] ?? e.name),
        operator("&#x2061;"),
        strengthOf(a) < ATOM || a.kind === "number"
          ? argument
          : `<mspace width="0.167em"/>${argument}`,
      );
    }
  }
}

/** A formula that stands by itself. */
export const math = (...parts: string[]): string => `<math>${row(...parts)}</math>`;
