import { checkInstance } from "../base/describe-value.ts";
import { isFloat } from "../base/dtype.ts";
import { mapTree } from "../base/tree.ts";
import { scalar } from "../graph/build.ts";
import { keepingHistory } from "../graph/history.ts";
import { withTensors } from "../graph/host-arrays.ts";
import { identity } from "../graph/identity.ts";
import { Tensor } from "../graph/tensor.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { sum } from "../ops/broadcast.ts";
import { argumentName, type Gradient } from "./grad.ts";
import { gradientsOf } from "./gradients.ts";
import { givenFor, mapAlong, resultOf, type Along } from "./nesting.ts";
import { zerosLike } from "./push-forward.ts";

const WORDS = { op: "vjp", given: "cotangent", of: "result" };

/**
 * Reverse mode: [f(x₁, …, xₙ), pull], where pull(ȳ) is [ȳᵀ ∂f/∂x₁, …, ȳᵀ ∂f/∂xₙ], one cotangent for each argument.
 *
 * Arguments and results are tensors, or nested arrays and plain objects of them; ȳ nests as the result does and has its
 * shapes, and the cotangents nest as the arguments do. In ȳ, null stands for zeros of a result, or of all that is
 * nested in it: integers have no other. The cotangents of integers, and of what is no tensor, are null. `pull` may be
 * called any number of times.
 *
 * Each argument is a node of its own, so nested calls of `jvp`, `vjp` and `grad` don't confuse their perturbations.
 * @param f a function of tensors
 * @param primals the arguments of f
 * @returns [f(x), pull], where pull takes a cotangent for each result and gives one for each argument
 * @throws ShapeError where a cotangent has another shape than its result
 * @throws DtypeError where a cotangent is not float32
 * @throws ValueError where a cotangent nests otherwise than the result
 * @throws GradientError where f depends on an argument only through ops without derivatives
 */
export function vjp<A extends unknown[], R>(
  f: (...args: A) => R,
  ...primals: A
): [value: R, pull: (cotangent: Along<R>) => { [K in keyof A]: Gradient<A[K]> }] {
  checkInstance("vjp", f, Function, "a function");
  const inputs = mapTree(withTensors(f, primals), (leaf) => {
    const x = typeof leaf === "number" ? scalar(leaf) : leaf;
    return x instanceof Tensor && isFloat(x.dtype) ? identity(x) : leaf;
  }) as A;
  const { value } = resultOf(
    "vjp",
    keepingHistory(() => f(...inputs)),
  );
  const pull = (cotangent: Along<R>) => {
    const roots: { y: Tensor; g: Tensor }[] = [];
    mapAlong(WORDS, value, cotangent, (y, g, path) => {
      if (g !== null) roots.push({ y: y as Tensor, g: givenFor(WORDS, y as Tensor, g, path) });
    });
    const positions = new Map<Tensor, number>();
    const isFloating = (x: unknown): x is Tensor => x instanceof Tensor && isFloat(x.dtype);
    inputs.forEach((input, i) => mapTree(input, (x) => isFloating(x) && positions.set(x, i)));
    const found = pulled("vjp", roots, [...positions.keys()], (x) =>
      argumentName(x, positions.get(x)!),
    );
    return mapTree(inputs, (x) => (isFloating(x) ? found.get(x) : null)) as {
      [K in keyof A]: Gradient<A[K]>;
    };
  };
  return [value, pull];
}

/** ȳᵀ ∂y/∂x, for several results the gradients of Σ ⟨y, ȳ⟩: their graph is walked once. */
export function pulled(
  op: string,
  roots: readonly { y: Tensor; g: Tensor }[],
  xs: readonly Tensor[],
  nameOf: (x: Tensor) => string,
): Map<Tensor, Tensor> {
  const [first, ...others] = roots;
  if (!first) return new Map(xs.map((x) => [x, zerosLike(x)]));
  const [y, g] =
    others.length === 0
      ? [first.y, first.g]
      : [roots.map(({ y, g }) => sum(mul(y, g))).reduce((a, b) => add(a, b))];
  const gs = gradientsOf(op, y, xs, g, nameOf);
  return new Map(xs.map((x, i) => [x, gs[i]]));
}
