import { hessian, init, tensor, type Tensor } from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { fiveWays, tableOf, type Way, type Worked } from "../../examples/gradients/five-ways.ts";
import {
  hessianOfNormCubed,
  logisticRegression,
  normCubed,
  productOfQuadratics,
  workedExamples,
} from "../../examples/gradients/worked.ts";

beforeAll(async () => {
  await init({ backend: "cpu" });
});

const way = (ways: readonly Way[], name: Way["way"]) => ways.find((w) => w.way === name)!;

test("every example agrees in all five ways, each with the error and the passes that it has", async () => {
  const examples = workedExamples();
  expect(examples.map(({ name }) => name)).toEqual([
    "(xᵀAx)(xᵀBx)",
    "‖x‖³",
    "the Hessian of ‖x‖³",
    "det(AXB)",
    "(x₁x₂ sin x₃ + exp(x₁x₂))/x₃",
    "softmax regression by W",
    "softmax regression by x",
    "softmax regression by b",
    "logistic regression by w",
  ]);
  for (const example of examples) {
    const ways = await fiveWays(example);
    const n = example.x.size;
    const components = ways[0].derivative.length / n;
    expect(ways.map((w) => w.passes)).toEqual([
      1,
      ...[2 * n, n, n, 1].map((passes) => passes * components),
    ]);
    expect(way(ways, "central differences").error, example.name).toBeLessThan(1e-8);
    for (const exact of ["complex step", "forward mode", "reverse mode"] as const) {
      expect(way(ways, exact).error, `${example.name}, ${exact}`).toBeLessThan(2e-14);
    }
    expect(tableOf(ways).split("\n")).toHaveLength(6);
  }
});

describe("what they cost", () => {
  test.each<[string, (n: number) => Worked]>([
    ["(xᵀAx)(xᵀBx)", productOfQuadratics],
    ["‖x‖³", normCubed],
    ["logistic regression", (n) => logisticRegression(20, n)],
  ])("%s: reverse mode a few times the function, all else n times that", async (_, of) => {
    for (const n of [6, 12]) {
      const ways = await fiveWays(of(n));
      const f = way(ways, "complex step").operations / n;
      expect(way(ways, "reverse mode").operations).toBeLessThan(5 * f);
      expect(way(ways, "forward mode").operations).toBeGreaterThan(n * f);
      expect(way(ways, "central differences").operations).toBe(2 * n * f);
    }
  });
});

test("the Hessian at a point where it is known", async () => {
  const ways = await fiveWays({ ...hessianOfNormCubed(3), x: tensor([1, 2, 2]) });
  const near = [10, 2, 2, 2, 13, 4, 2, 4, 13].map((v) => expect.closeTo(v, 6) as number);
  for (const { derivative } of ways) expect(Array.from(derivative)).toEqual(near);
  const whole = hessian((x: Tensor) => x.norm().cube())(tensor([1, 2, 2]));
  expect(Array.from(await whole.data())).toEqual(near);
});

test("in one dimension", async () => {
  for (const of of [productOfQuadratics, normCubed, hessianOfNormCubed]) {
    const [, , ...exact] = await fiveWays(of(1));
    for (const { error } of exact) expect(error).toBeLessThan(1e-14);
  }
});
