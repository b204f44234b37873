import { evaluationTrace, tensor, type Tensor } from "cotangent";
import { expect, test } from "vitest";
import { numeral } from "../../demo/derivatives/format.ts";
import { compose, functions } from "../../demo/derivatives/functions.ts";
import { layoutOf, nodeHeight, nodeWidth, type Placed } from "../../demo/derivatives/layout.ts";
import { readExpression } from "../../demo/derivatives/read.ts";
import { forwardStep, reverseStep } from "../../demo/derivatives/steps.ts";

function nodesOf(formula: string, at: readonly number[]) {
  const { expression } = readExpression(formula);
  if (!expression) throw new Error(`${formula} cannot be read`);
  const f = (...xs: Tensor[]) => {
    const y = compose(expression, xs);
    return typeof y === "number" ? tensor(y) : y;
  };
  return evaluationTrace(f, ...at).nodes;
}

/** The words of MathML. */
const text = (mathml: string) => mathml.replace(/<[^>]*>/g, "");

const formulas = Object.keys(functions)
  .map((name) => `${name}(x/4)`)
  .concat("-x", "x^2", "x^3 - 2", "2^x", "x^y/y", "(x - y)(x + 1)", "1/x", "-2x y", "1e-7 x");

test.each(formulas)("each step of both modes of %s is written as a formula", (formula) => {
  const at = [0.5, 1.5];
  const nodes = nodesOf(formula, at);
  nodes.forEach((node, k) => {
    const [value, tangent] = forwardStep(nodes, k, 0).map(text);
    const [adjoint] = reverseStep(nodes, k).map(text);
    expect(value.endsWith(`=${text(`<mn>${numeral(node.value)}</mn>`)}`)).toBe(true);
    expect(tangent.endsWith(`=${numeral(node.tangents[0])}`)).toBe(true);
    expect(adjoint.endsWith(`=${numeral(node.adjoint)}`)).toBe(true);
    // What cannot be read would be ∂xₖ/∂xᵢ.
    expect(tangent + adjoint).not.toContain("∂");
  });
});

test("formulas of steps may break before each sign of equality", () => {
  const [value, tangent] = forwardStep(nodesOf("x y", [2, 3]), 2, 0);
  const pieces = (mathml: string) => mathml.split(" <math>").map(text);
  expect(pieces(value)).toEqual(["x3", "=x1x2", "=2·3", "=6"]);
  expect(pieces(tangent).slice(1)).toEqual(["=x2·x˙1+x1·x˙2", "=3·1+2·0", "=3"]);
});

test.each([false, true])("no arrow of a graph leads through a node, tall: %s", async (isTall) => {
  const nodes = nodesOf("(x₁x₂ sin x₃ + exp(x₁x₂))/x₃", [1, 2, 3]);
  const { places, edges } = await layoutOf(nodes, isTall);
  const isIn = ({ x, y }: Placed, node: number) =>
    Math.abs(x - places[node].x) < nodeWidth / 2 && Math.abs(y - places[node].y) < nodeHeight / 2;
  for (const { from, to, way } of edges)
    places.forEach((_, node) => {
      if (node !== from && node !== to)
        expect(
          way.filter((place) => isIn(place, node)),
          `${from} to ${to}`,
        ).toEqual([]);
    });
});
