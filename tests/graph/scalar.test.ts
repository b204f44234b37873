import { describe, expect, test } from "vitest";
import * as I from "../../src/base/index-expr.ts";
import { call, constant, infix, select, type Local } from "../../src/graph/scalar.ts";
import { placeholder } from "../../src/graph/build.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { exp, max, mul, neg, square, sub } from "../../src/index.ts";
import { Expander, numberOf } from "../../src/plan/expression.ts";

const x: Local = { kind: "local", name: "x", dtype: "float32" };
const n: Local = { kind: "local", name: "n", dtype: "int32" };
const flag: Local = { kind: "local", name: "flag", dtype: "bool" };

describe("an expression", () => {
  test("gives bare numbers the dtype of what they stand beside", () => {
    expect(infix(1, "-", n)).toMatchObject({ dtype: "int32", args: [constant(1, "int32"), n] });
    expect(select(0, n, flag)).toMatchObject({
      dtype: "int32",
      args: [constant(0, "int32"), n, flag],
    });
    expect(select(0, 1, flag)).toMatchObject({ dtype: "float32" });
    expect(infix(n, "<=", 3)).toMatchObject({ dtype: "bool" });
    expect(call("isNan", x)).toMatchObject({ dtype: "bool" });
  });

  test("is simplified where that holds for ∞, NaN and −0 too, and nowhere else", () => {
    for (const same of [infix(1, "*", x), infix(x, "*", 1), infix(x, "/", 1)]) expect(same).toBe(x);
    for (const other of [
      infix(0, "*", x), // NaN for ∞
      infix(x, "+", 0), // 0 for −0
      infix(x, "-", x), // NaN for ∞
      infix(x, "/", x), // NaN for 0
    ]) {
      expect(other.kind).toBe("apply");
    }
  });
});

/** The functions that the element of a tensor is computed with, outermost first. */
function functionsOf(y: Tensor): string[] {
  const expander = new Expander((t) => (t.op ? t.op.kind === "reduce" : numberOf(t) === null));
  const found: string[] = [];
  let z = expander.element(y, I.variable({ name: "i" }, y.size));
  while (z.kind === "apply") {
    found.push(z.f);
    [z] = z.args;
  }
  return found;
}

describe("the exponential of what is never above 0", () => {
  const a = placeholder({ shape: [5, 5], dtype: "float32" }, 0);
  const b = placeholder({ shape: [5, 1], dtype: "float32" }, 1);

  test.each([
    ["−x²", neg(square(a))],
    ["−x²/2", mul(square(a), -0.5)],
    ["−|x|", neg(a.abs())],
    ["x − max x", sub(a, max(a, 1, { keepDims: true }))],
    ["x − max x over all", sub(a, max(a, [0, 1], { keepDims: true }))],
  ])("is one-sided: %s", (_, y) => expect(functionsOf(exp(y))[0]).toBe("expNegative"));

  test.each([
    ["x", a],
    ["−x", neg(a)],
    ["x²/2", mul(square(a), 0.5)],
    ["x − y", sub(a, b)],
    ["x − max y", sub(a, max(b, 1, { keepDims: true }))],
    ["max x − x", sub(max(a, 1, { keepDims: true }), a)],
    ["the greatest of another row", sub(a, max(a, 1))],
    ["the least of a row", sub(a, a.min(1, { keepDims: true }))],
  ])("is not one-sided elsewhere: %s", (_, y) => expect(functionsOf(exp(y))[0]).toBe("expf"));
});
