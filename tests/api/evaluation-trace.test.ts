import {
  ArgumentError,
  cast,
  compile,
  evaluationTrace,
  grad,
  GradientError,
  init,
  random,
  ShapeError,
  stack,
  tensor,
  TraceError,
  variable,
  where,
  type EvaluationTrace,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";

/** (x₁x₂ sin x₃ + exp(x₁x₂))/x₃, which computes x₁x₂ twice. */
const f = (x1: Tensor, x2: Tensor, x3: Tensor) =>
  x1.mul(x2).mul(x3.sin()).add(x1.mul(x2).exp()).div(x3);

const expressions = ({ nodes }: EvaluationTrace) =>
  nodes.map(({ name, expression }) => `${name} = ${expression}`);

describe("before there is a device", () => {
  test("the lecture's function has nine nodes, with the derivatives of both modes", () => {
    const { nodes } = evaluationTrace(f, 1, 2, 3);
    expect(nodes.map(({ name }) => name)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `x${i}`));
    expect(nodes.slice(3).map(({ expression }) => expression)).toEqual([
      "x1 · x2",
      "sin(x3)",
      "x4 · x5",
      "exp(x4)",
      "x6 + x7",
      "x8 / x3",
    ]);
    const [s, c, e] = [Math.sin(3), Math.cos(3), Math.exp(2)];
    const near = (values: number[]) => values.map((v) => expect.closeTo(v, 13) as number);
    expect(nodes.map(({ value }) => value)).toEqual(
      near([1, 2, 3, 2, s, 2 * s, e, 2 * s + e, (2 * s + e) / 3]),
    );
    const [by1, by2] = [2, 1].map((dx4) => [
      dx4,
      0,
      dx4 * s,
      dx4 * e,
      dx4 * (s + e),
      (dx4 * (s + e)) / 3,
    ]);
    expect(nodes.map(({ tangents }) => tangents[0])).toEqual(near([1, 0, 0, ...by1]));
    expect(nodes.map(({ tangents }) => tangents[1])).toEqual(near([0, 1, 0, ...by2]));
    const last = (2 * c) / 3 - (2 * s + e) / 9;
    expect(nodes.map(({ tangents }) => tangents[2])).toEqual(
      near([0, 0, 1, 0, c, 2 * c, 0, 2 * c, last]),
    );
    expect(nodes.map(({ adjoint }) => adjoint)).toEqual(
      near([by1[5], by2[5], last, (s + e) / 3, 2 / 3, 1 / 3, 1 / 3, 1 / 3, 1]),
    );
  });

  test("what each mode costs", () => {
    // Six values in each of three passes, and for the tangents by x1 and by x2 ẋ₄ = ẋ₁x₂, ẋ₄x₅, ẋ₄x₇, their sum and
    // two ops for ẋ₈/x₃; by x3 two for ẋ₅, one for ẋ₆, and two, three and a sum for ẋ₉: 3·6 + 6 + 6 + 9.
    // Back: 1/x₃ and its product, −x₉/x₃ in two and its product; x₇, x₅ and their sum; x₄; cos x₃, its product and a
    // sum; x₂ and x₁: 6 + 5 + 3 + 1 + 3 + 2.
    expect(evaluationTrace(f, 1, 2, 3).cost).toEqual({
      forward: { passes: 3, operations: 39, kept: 6 },
      reverse: { passes: 1, operations: 20, kept: 11 },
    });
    // sin(sin(…x)): forward mode keeps x, its tangent, cos x and the next value; reverse mode keeps all values.
    const chain = (n: number) => (x: Tensor) => {
      for (let i = 0; i < n; i++) x = x.sin();
      return x;
    };
    const costs = [10, 20].map((n) => evaluationTrace(chain(n), 1).cost);
    expect(costs.map(({ forward }) => forward.kept)).toEqual([4, 4]);
    expect(costs.map(({ reverse }) => reverse.kept)).toEqual([13, 23]);
    expect(costs.map(({ forward }) => forward.operations)).toEqual([30, 60]);
    expect(costs.map(({ reverse }) => reverse.operations)).toEqual([30, 60]);
    // In many variables reverse mode takes a few times as long as the function, forward mode n times.
    const product = (...xs: Tensor[]) => xs.reduce((a, b) => a.mul(b));
    const { forward, reverse } = evaluationTrace(product, ...Array<number>(50).fill(1)).cost;
    expect(forward.passes).toBe(50);
    expect(reverse.passes).toBe(1);
    expect(reverse.operations).toBeLessThan(4 * 49);
    expect(forward.operations).toBeGreaterThan(50 * 49);
  });

  test("as text: both tables, aligned, with subscripts", () => {
    expect(String(evaluationTrace(f, 1, 2, 3))).toBe(
      `
f(x₁, x₂, x₃) = x₉ = 2.5571

forward mode  value    ∂/∂x₁     ∂/∂x₂    ∂/∂x₃
x₁ = 1        1         1        0         0
x₂ = 2        2         0        1         0
x₃ = 3        3         0        0         1
x₄ = x₁ · x₂  2         2        1         0
x₅ = sin(x₃)  0.14112   0        0        -0.989992
x₆ = x₄ · x₅  0.28224   0.28224  0.14112  -1.97998
x₇ = exp(x₄)  7.38906  14.7781   7.38906   0
x₈ = x₆ + x₇  7.6713   15.0604   7.53018  -1.97998
x₉ = x₈ / x₃  2.5571    5.02012  2.51006  -1.51236

reverse mode  value
∂f/∂x₉         1         = 1
∂f/∂x₈         0.333333  = ∂f/∂x₉ · ∂x₉/∂x₈
∂f/∂x₇         0.333333  = ∂f/∂x₈ · ∂x₈/∂x₇
∂f/∂x₆         0.333333  = ∂f/∂x₈ · ∂x₈/∂x₆
∂f/∂x₅         0.666667  = ∂f/∂x₆ · ∂x₆/∂x₅
∂f/∂x₄         2.51006   = ∂f/∂x₆ · ∂x₆/∂x₄ + ∂f/∂x₇ · ∂x₇/∂x₄
∂f/∂x₃        -1.51236   = ∂f/∂x₅ · ∂x₅/∂x₃ + ∂f/∂x₉ · ∂x₉/∂x₃
∂f/∂x₂         2.51006   = ∂f/∂x₄ · ∂x₄/∂x₂
∂f/∂x₁         5.02012   = ∂f/∂x₄ · ∂x₄/∂x₁

cost     passes  operations  most values alive
forward  3       39           6
reverse  1       20          11`.trim(),
    );
    const many = String(
      evaluationTrace((...xs) => xs.reduce((a, b) => a.add(b)), ...Array(10).fill(1e-9)),
    );
    expect(many).toContain("x₁₉ = x₁₈ + x₁₀");
  });

  test("equal applications are one node, also where they differ in constants' nodes", () => {
    const twice = evaluationTrace((x) => x.mul(2).sin().add(x.mul(2).sin()), 1);
    expect(expressions(twice)).toEqual(["x1 = 1", "x2 = x1 · 2", "x3 = sin(x2)", "x4 = x3 + x3"]);
    expect(twice.nodes[0].adjoint).toBeCloseTo(4 * Math.cos(2), 14);
    const differing = evaluationTrace((x) => x.leakyRelu(0.1).add(x.leakyRelu(0.2)), -1);
    expect(expressions(differing).slice(1)).toEqual([
      "x2 = leakyRelu(x1, 0.1)",
      "x3 = leakyRelu(x1, 0.2)",
      "x4 = x2 + x3",
    ]);
    expect(differing.nodes[0].adjoint).toBeCloseTo(0.3, 15);
  });

  test.each<[string, (x: Tensor, y: Tensor) => Tensor]>([
    ["x1 + x2", (x, y) => x.add(y)],
    ["x1 − x2", (x, y) => x.sub(y)],
    ["x1 · x2", (x, y) => x.mul(y)],
    ["x1 / x2", (x, y) => x.div(y)],
    ["x1 ^ x2", (x, y) => x.pow(y)],
    ["x1 ^ 2", (x) => x.square()],
    ["x1 ^ 3", (x) => x.pow(3)],
    ["x1 ^ 2.5", (x) => x.pow(2.5)],
    ["x1 ^ (-4)", (x) => x.pow(-4)],
    ["sqrt(x1)", (x) => x.pow(0.5)],
    ["neg(x1)", (x) => x.neg()],
    ["maximum(x1, x2)", (x, y) => x.maximum(y)],
    ["x1 · (-0.5)", (x) => x.mul(-0.5)],
    ["1 − x2", (_, y) => tensor(1).sub(y)],
    ["clip(x1, -1, 1)", (x) => x.clip(-1, 1)],
    ["sum(x1)", (x) => x.sum()],
    // What depends on no input is one constant, in float64.
    [`x1 + ${Math.log(3)}`, (x) => x.add(tensor([1, 2]).sum().log())],
  ])("%s", (expression, g) => {
    const { nodes } = evaluationTrace(g, 1.25, 0.75);
    expect(nodes).toHaveLength(3);
    expect(nodes[2].expression).toBe(expression);
  });

  test("a condition is a node without derivatives", () => {
    const { nodes } = evaluationTrace((x) => where(x.greater(1), x.square(), x.exp()), 3);
    expect(nodes.map(({ expression }) => expression)).toEqual([
      "3",
      "greater(x1, 1)",
      "x1 ^ 2",
      "exp(x1)",
      "where(x2, x3, x4)",
    ]);
    expect(nodes.map(({ value }) => value)).toEqual([3, 1, 9, Math.exp(3), 9]);
    expect(nodes.map(({ tangents }) => tangents)).toEqual([[1], [0], [6], [Math.exp(3)], [6]]);
    expect(nodes.map(({ adjoint }) => adjoint)).toEqual([6, 0, 1, 0, 1]);
  });

  test("an input, a constant, and inputs that are not used", () => {
    const first = evaluationTrace((x) => x, 2, 3);
    expect(first.nodes).toEqual([
      { name: "x1", expression: "2", value: 2, tangents: [1, 0], adjoint: 1 },
      { name: "x2", expression: "3", value: 3, tangents: [0, 1], adjoint: 0 },
    ]);
    expect(String(first)).toContain("f(x₁, x₂) = x₁ = 2\n");
    const constant = evaluationTrace(() => tensor(7), 2);
    expect(constant.nodes).toEqual([
      { name: "x1", expression: "2", value: 2, tangents: [1], adjoint: 0 },
    ]);
    expect(constant.cost.reverse).toEqual({ passes: 1, operations: 0, kept: 0 });
    expect(String(constant)).toMatch(/^f\(x₁\) = 7\n[^]*∂f\/∂x₁ +0 += 0\n/);
    expect(evaluationTrace(() => tensor(7)).nodes).toEqual([]);
    expect(String(evaluationTrace(() => tensor(7)))).toMatch(/^f\(\) = 7\n/);
  });

  test("values are float64", () => {
    const { nodes } = evaluationTrace((x) => x.mul(0.1).exp(), 0.1);
    expect(nodes.map(({ value }) => value)).toEqual([0.1, 0.1 * 0.1, Math.exp(0.1 * 0.1)]);
  });

  test("a node that is no scalar is named", () => {
    const stacked = (x: Tensor, y: Tensor) => stack([x.exp(), y]).norm();
    expect(() => evaluationTrace(stacked, 1, 2)).toThrow(ShapeError);
    expect(() => evaluationTrace(stacked, 1, 2)).toThrow(/x4 = .*\(x.*\) is float32\[/);
    expect(() => evaluationTrace((x) => x.mul(tensor([1, 2])), 1)).toThrow(
      "evaluationTrace: all nodes are scalars, but x2 = x1 · float32[2] constant is float32[2] mul",
    );
  });

  test("an op without a derivative is named", () => {
    const steps = (x: Tensor) => cast(x.greater(0), "float32").mul(2);
    expect(() => evaluationTrace(steps, 1)).toThrow(GradientError);
    expect(() => evaluationTrace(steps, 1)).toThrow(
      "evaluationTrace: x4 depends on x1 only through greater, which has no derivative",
    );
    expect(() => evaluationTrace((x, y) => steps(x).mul(y), 1, 1)).toThrow(/on x1 only through/);
    expect(() => evaluationTrace((x) => x.greater(0), 1)).toThrow(/no float/);
  });

  test("bad arguments", () => {
    expect(() => evaluationTrace((x) => x, "1" as never)).toThrow(ArgumentError);
    expect(() => evaluationTrace(3 as never, 1)).toThrow(ArgumentError);
    expect(() => evaluationTrace(() => 3 as never, 1)).toThrow(ArgumentError);
    expect(() => evaluationTrace((async (x: Tensor) => x) as never, 1)).toThrow(TraceError);
    expect(() => evaluationTrace((x) => x.add(Number(x)), 1)).toThrow(TraceError);
  });
});

describe.each(["cpu", "webgpu"] as const)("with a device, %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("nothing runs on it, and compiled functions are traced anew", () => {
    const compiled = compile((x: Tensor) => x.sin().mul(x));
    const { nodes } = evaluationTrace((x) => compiled(x), 2);
    expect(nodes.map(({ expression }) => expression)).toEqual(["2", "sin(x1)", "x2 · x1"]);
    expect(nodes[0].adjoint).toBeCloseTo(Math.sin(2) + 2 * Math.cos(2), 14);
    // The derivative of a derivative is a graph like any other.
    const second = evaluationTrace((x) => grad((y: Tensor) => y.sin())(x), 2);
    expect(second.nodes[0].adjoint).toBeCloseTo(-Math.sin(2), 14);
  });

  test("what only the device knows is refused", async () => {
    const w = variable(3);
    expect(() => evaluationTrace((x) => x.mul(w), 2)).toThrow(TraceError);
    const c = tensor(2).exp();
    await c.item();
    expect(() => evaluationTrace((x) => x.mul(c), 2)).toThrow(
      /reads float32\[\] exp .* x\.item\(\)/,
    );
    expect(() => evaluationTrace((x) => x.mul(random.normal([])), 2)).toThrow(/variable/);
    const open = tensor(2).exp();
    expect(evaluationTrace((x) => x.mul(open), 2).nodes[0].adjoint).toBe(Math.exp(2));
  });
});
