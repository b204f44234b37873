import { evaluationTrace, type Tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import { inputsOf, type Expression } from "../../demo/derivatives/expression.ts";
import { compose, differentiate, evaluate, functions } from "../../demo/derivatives/functions.ts";
import { formula } from "../../demo/derivatives/mathml.ts";
import { readExpression } from "../../demo/derivatives/read.ts";

function read(text: string): Expression {
  const { expression, error } = readExpression(text);
  if (!expression) throw new Error(`${text}: ${error.message}`);
  return expression;
}

const [x, y, z] = [0.7, 1.3, -0.4];
const { sin, cos, exp, log, sqrt, PI, E } = Math;

describe("formulas are read as one writes them", () => {
  test.each<[text: string, value: number]>([
    ["-x^2", -(x ** 2)],
    ["−x²", -(x ** 2)],
    ["(-x)^2", x ** 2],
    ["2^-x", 2 ** -x],
    ["2^3^x", 2 ** (3 ** x)],
    ["x^2y", x ** 2 * y],
    ["x⁻²y", x ** -2 * y],
    ["x-y-z", x - y - z],
    ["x/y/z", x / y / z],
    ["1/2x", x / 2],
    ["2x/3y", ((2 * x) / 3) * y],
    ["x₁x₂", x * y],
    ["x1x2 sin x3", x * y * sin(z)],
    ["x_1 x_2", x * y],
    ["xyz", x * y * z],
    ["x1(x2+1)", x * (y + 1)],
    ["(x+1)(y+1)", (x + 1) * (y + 1)],
    ["(x+1)y", (x + 1) * y],
    ["2(x)", 2 * x],
    ["sin x", sin(x)],
    ["sin x^2", sin(x ** 2)],
    ["sin x²y", sin(x ** 2 * y)],
    ["sin(x)^2", sin(x) ** 2],
    ["sin²x", sin(x) ** 2],
    ["sin^2 x cos^2 y", sin(x) ** 2 * cos(y) ** 2],
    ["sin 2x", sin(2 * x)],
    ["sin 2x^-1", sin(2 / x)],
    ["sin x y", sin(x) * y],
    ["sin x₁x₂", sin(x * y)],
    ["sin -x", sin(-x)],
    ["sin (x) y", sin(x) * y],
    ["sin(x)cos(y)", sin(x) * cos(y)],
    ["sinx cosy", sin(x) * cos(y)],
    ["sin cos x", sin(cos(x))],
    ["sin(x cos y + (z))", sin(x * cos(y) + z)],
    ["x + sin x + 1", x + sin(x) + 1],
    ["e^-x", exp(-x)],
    ["exp(x y) + πx", exp(x * y) + PI * x],
    ["e x", E * x],
    ["ln x log y", log(x) * log(y)],
    ["√(x + y)", sqrt(x + y)],
    ["2e2x", 200 * x],
    ["2ex", 2 * E * x],
    ["x · y × z ÷ 2", (x * y * z) / 2],
    ["+x", x],
    ["x--y", x + y],
    ["x*-y", -x * y],
    ["[x + y] : 2", (x + y) / 2],
    ["arctan x + atan y", Math.atan(x) + Math.atan(y)],
    ["abs(z) relu(z) + σ(x)", 1 / (1 + exp(-x))],
    ["((x1 x2 sin x3 + exp(x1 x2))/x3)", (x * y * sin(z) + exp(x * y)) / z],
  ])("%s", (text, value) => {
    expect(evaluate(read(text), [x, y, z])).toBeCloseTo(value, 13);
  });
});

describe("what cannot be read says where and why", () => {
  test.each<[text: string, at: number, message: RegExp]>([
    ["", 0, /Write a formula/],
    ["  ", 0, /Write a formula/],
    ["2 + 3", 0, /no input in it/],
    ["x + w", 4, /“w” is no input/],
    ["x + foo(y)", 4, /no function “foo”/],
    ["x₁ + x₁₂", 5, /no x12/],
    ["x0", 0, /no x0/],
    ["(x + y", 0, /never closed/],
    ["x + ((y)", 4, /never closed/],
    ["x + y)", 5, /No bracket was opened/],
    ["x + ()", 5, /nothing in these brackets/],
    ["x + * y", 4, /missing before this/],
    ["x +", 3, /missing at the end/],
    ["(x +) y", 4, /missing before this/],
    ["x^", 2, /missing at the end/],
    ["2 sin", 2, /not said what sin is to be taken of/],
    ["sin + ", 6, /missing/],
    ["f = x", 0, /“f” is no input/],
    ["y = x", 2, /without “=”/],
    ["x + 1,5", 5, /decimals have a point/],
    ["|x|", 0, /abs\(x\)/],
    ["x + §", 4, /“§” is not read/],
    ["x! + y", 1, /“!” is not read/],
    ["* x", 0, /missing before this/],
    ["(".repeat(9999), 200, /200 letters at most/],
  ])("%s", (text, at, message) => {
    const { error } = readExpression(text);
    expect(error?.message).toMatch(message);
    expect(error?.at).toBe(at);
  });
});

test("the library computes what is read, and every rule of calculus agrees with its forward mode", () => {
  const texts = [
    ...Object.keys(functions).map((name) => `${name}(x y) z`),
    "x^y",
    "y^3 + 2^x - x^-1.5",
    "x/(y + z) - 3/x",
    "x^(2z) (-y)",
  ];
  const at = [0.3, 1.7, 0.6];
  for (const text of texts) {
    const e = read(text);
    const f = (...xs: Tensor[]) => compose(e, xs) as Tensor;
    const { nodes } = evaluationTrace(f, ...at);
    const last = nodes[nodes.length - 1];
    expect(last.value, text).toBeCloseTo(evaluate(e, at), 12);
    for (const index of inputsOf(e)) {
      const slope = evaluate(differentiate(e, index), at);
      expect(slope, `${text} by x${index + 1}`).toBeCloseTo(last.tangents[index], 11);
      const moved = (by: number) => evaluate(e, at.with(index, at[index] + by));
      expect(slope).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 7);
    }
  }
});

test("formulas are written with the brackets that they need, and no others", () => {
  const plain = (text: string) =>
    formula(read(text))
      .replace(/<mfrac>(.*)<\/mfrac>/, "{$1}")
      .replace(/<msup>/g, "^{")
      .replace(/<\/msup>/g, "}")
      .replace(/<[^>]*>/g, "")
      .replace(/&#x2061;/g, "");
  expect(plain("x + (y + z)")).toBe("x1+x2+x3");
  expect(plain("x - (y + z)")).toBe("x1−(x2+x3)");
  expect(plain("x(y+1)")).toBe("x1(x2+1)");
  expect(plain("-x^2")).toBe("−^{x12}");
  expect(plain("(-x)^2")).toBe("^{(−x1)2}");
  expect(plain("sin(x)^2")).toBe("^{(sinx1)2}");
  expect(plain("x*2")).toBe("x1·2");
  expect(plain("x*(-2)")).toBe("x1(−2)");
  expect(plain("sin(x y)")).toBe("sin(x1x2)");
});
