import * as ops from "cotangent";
import type { Tensor, TensorLike } from "cotangent";
import { add, call, constant, div, mul, neg, pow, sub, type Expression } from "./expression.ts";
import type { Formula } from "./model.ts";

/** What a formula may be made of. */
interface Rule {
  /** In float64, by JavaScript. */
  number(...args: number[]): number;
  /** By the library. */
  tensor(...args: TensorLike[]): Tensor;
  /** Its derivative by each argument, as one finds it by hand. */
  partials(...args: Expression[]): Expression[];
}

const one = constant(1);
const two = constant(2);
const square = (a: Expression) => pow(a, two);
const isNumber = (e: Expression) => e.kind === "number";

/** The operators, which are written between their operands. */
const operators: Readonly<Record<string, Rule>> = {
  add: { number: (a, b) => a + b, tensor: ops.add, partials: () => [one, one] },
  sub: { number: (a, b) => a - b, tensor: ops.sub, partials: () => [one, constant(-1)] },
  mul: { number: (a, b) => a * b, tensor: ops.mul, partials: (a, b) => [b, a] },
  div: {
    number: (a, b) => a / b,
    tensor: ops.div,
    partials: (a, b) => [div(one, b), neg(div(a, square(b)))],
  },
  pow: {
    number: (a, b) => a ** b,
    tensor: ops.pow,
    // Of a constant there is no derivative, and a constant base may have no logarithm.
    partials: (a, b) => [
      isNumber(a) ? constant(0) : mul(b, pow(a, sub(b, one))),
      isNumber(b) ? constant(0) : mul(pow(a, b), call("log", a)),
    ],
  },
  neg: { number: (a) => -a, tensor: ops.neg, partials: () => [constant(-1)] },
};

/** The functions that can be typed. */
export const functions: Readonly<Record<string, Rule>> = {
  sin: { number: Math.sin, tensor: ops.sin, partials: (a) => [call("cos", a)] },
  cos: { number: Math.cos, tensor: ops.cos, partials: (a) => [neg(call("sin", a))] },
  tan: { number: Math.tan, tensor: ops.tan, partials: (a) => [add(one, square(call("tan", a)))] },
  asin: {
    number: Math.asin,
    tensor: ops.asin,
    partials: (a) => [div(one, call("sqrt", sub(one, square(a))))],
  },
  acos: {
    number: Math.acos,
    tensor: ops.acos,
    partials: (a) => [neg(div(one, call("sqrt", sub(one, square(a)))))],
  },
  atan: { number: Math.atan, tensor: ops.atan, partials: (a) => [div(one, add(one, square(a)))] },
  sinh: { number: Math.sinh, tensor: ops.sinh, partials: (a) => [call("cosh", a)] },
  cosh: { number: Math.cosh, tensor: ops.cosh, partials: (a) => [call("sinh", a)] },
  tanh: {
    number: Math.tanh,
    tensor: ops.tanh,
    partials: (a) => [sub(one, square(call("tanh", a)))],
  },
  exp: { number: Math.exp, tensor: ops.exp, partials: (a) => [call("exp", a)] },
  log: { number: Math.log, tensor: ops.log, partials: (a) => [div(one, a)] },
  sqrt: {
    number: Math.sqrt,
    tensor: ops.sqrt,
    partials: (a) => [div(one, mul(two, call("sqrt", a)))],
  },
  reciprocal: {
    number: (a) => 1 / a,
    tensor: ops.reciprocal,
    partials: (a) => [neg(div(one, square(a)))],
  },
  abs: { number: Math.abs, tensor: ops.abs, partials: (a) => [call("sign", a)] },
  sign: { number: Math.sign, tensor: (a) => ops.sign(a), partials: () => [constant(0)] },
  sigmoid: {
    number: (a) => 1 / (1 + Math.exp(-a)),
    tensor: (a) => ops.sigmoid(a),
    partials: (a) => [mul(call("sigmoid", a), sub(one, call("sigmoid", a)))],
  },
  softplus: {
    number: (a) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a))),
    tensor: (a) => ops.softplus(a),
    partials: (a) => [call("sigmoid", a)],
  },
  relu: {
    number: (a) => Math.max(a, 0),
    tensor: (a) => ops.relu(a),
    partials: (a) => [call("step", a)],
  },
  step: {
    number: (a) => (a > 0 ? 1 : 0),
    tensor: (a) => ops.step(a),
    partials: () => [constant(0)],
  },
};

const rules = { ...operators, ...functions };

/** Its value at these inputs, in float64. */
export function evaluate(e: Expression, xs: readonly number[]): number {
  if (e.kind === "number") return e.value;
  if (e.kind === "input") return xs[e.index];
  return rules[e.name].number(...e.args.map((arg) => evaluate(arg, xs)));
}

/** It as the library computes it; a number where it depends on no input. */
export function compose(e: Expression, xs: readonly Tensor[]): Tensor | number {
  if (e.kind === "number") return e.value;
  if (e.kind === "input") return xs[e.index];
  const args = e.args.map((arg) => compose(arg, xs));
  const numbers = args.filter((arg) => typeof arg === "number");
  const { number, tensor } = rules[e.name];
  return numbers.length === args.length ? number(...numbers) : tensor(...args);
}

/** It as a function of tensors. */
export const formulaOf =
  (e: Expression): Formula =>
  (...xs) => {
    const y = compose(e, xs);
    return typeof y === "number" ? ops.tensor(y) : y;
  };

/** ∂e/∂xᵢ by the rules of calculus, as a formula. */
export function differentiate(e: Expression, index: number): Expression {
  if (e.kind === "number") return constant(0);
  if (e.kind === "input") return constant(e.index === index ? 1 : 0);
  const partials = rules[e.name].partials(...e.args);
  return e.args
    .map((arg, i) => mul(partials[i], differentiate(arg, index)))
    .reduce((sum, term) => add(sum, term));
}
