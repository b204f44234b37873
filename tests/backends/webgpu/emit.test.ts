import { expect, test } from "vitest";
import { BindingTable } from "../../../src/backends/webgpu/kernels/bindings.ts";
import { Emitter, Scope } from "../../../src/backends/webgpu/kernels/emit.ts";
import {
  call,
  constant,
  infix,
  select,
  type Local,
  type Scalar,
} from "../../../src/graph/scalar.ts";

const local = (name: string, dtype: Local["dtype"] = "float32"): Local => ({
  kind: "local",
  name,
  dtype,
});
const [a, b, c] = [local("a"), local("b"), local("c")];
const flag = local("flag", "bool");

function lines(...list: Scalar[]): string[] {
  const emitter = new Emitter(new BindingTable(String, String), null, []);
  const scope = new Scope();
  emitter.emitAll(list, scope, 0);
  return scope.lines.map((line) => line.replace(/^let \w+ = (.*);$/, "$1"));
}

test.each<[string, Scalar]>([
  ["a + b * c", infix(a, "+", infix(b, "*", c))],
  ["(a + b) * c", infix(infix(a, "+", b), "*", c)],
  ["a - b - c", infix(infix(a, "-", b), "-", c)],
  ["a - (b - c)", infix(a, "-", infix(b, "-", c))],
  ["a / (b * c)", infix(a, "/", infix(b, "*", c))],
  ["-(a + b)", call("-", infix(a, "+", b))],
  ["a - -b", infix(a, "-", call("-", b))],
  ["-(-a)", call("-", call("-", a))],
  ["a + b < c", infix(infix(a, "+", b), "<", c)],
  ["(a < b) & !flag", infix(infix(a, "<", b), "&", call("!", flag))],
  ["((a < b) & flag) | flag", infix(infix(infix(a, "<", b), "&", flag), "|", flag)],
  ["select(a, b, (a > b))", select(a, b, infix(a, ">", b))],
  ["max(a + b, 0.5f)", call("max", infix(a, "+", b), 0.5)],
  ["1.0f / a", infix(1, "/", a)],
  ["a * (-2.0f)", infix(a, "*", -2)],
])("parentheses as the operators need them: %s", (text, x) => expect(lines(x)).toEqual([text]));

test("what several expressions are made of has a line of its own, and is computed once", () => {
  const sum = infix(a, "+", b);
  expect(lines(infix(sum, "*", sum), infix(sum, "*", c))).toEqual(["a + b", "v0 * v0", "v0 * c"]);
});

test("long operands have lines of their own", () => {
  let x: Scalar = a;
  for (let i = 0; i < 300; i++) x = call("abs", infix(x, "+", b));
  const printed = lines(x);
  expect(printed.length).toBeGreaterThan(10);
  expect(Math.max(...printed.map((line) => line.length))).toBeLessThan(100);
});

test("numbers that compilers must not know, or that have no literal, are made of bits", () => {
  expect(lines(infix(a, "*", 0))).toEqual(["bitcast<f32>(0u + none)", "a * v0"]);
  expect(lines(infix(a, "*", -0))).toEqual(["bitcast<f32>(2147483648u + none)", "a * v0"]);
  expect(lines(infix(a, "+", Infinity))).toEqual(["bitcast<f32>(2139095040u + none)", "a + v0"]);
  // Of nothing but numbers: neither they nor what comes of them.
  expect(lines(infix(a, "*", infix(2, "-", 2)))).toEqual([
    "bitcast<f32>(1073741824u + none)",
    "v0 - v0",
    "bitcast<f32>(bitcast<u32>(v1) + none)",
    "a * v2",
  ]);
  expect(lines(infix(local("n", "int32"), "*", constant(0, "int32")))).toEqual(["n * 0i"]);
});
