import { wasAsync } from "../base/async.ts";
import { checkInstance, describeValue } from "../base/describe-value.ts";
import { ArgumentError, ShapeError, TraceError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import type { TypedArray } from "../base/dtype.ts";
import { show } from "../base/shape.ts";
import { mapTree } from "../base/tree.ts";
import { scalar } from "../graph/build.ts";
import { keepingHistory } from "../graph/history.ts";
import { acceptingAs, withTensors } from "../graph/host-arrays.ts";
import { identity, unchanged } from "../graph/identity.ts";
import { describe, Tensor } from "../graph/tensor.ts";
import { gradientsOf } from "./gradients.ts";

/** Which arguments are differentiated. */
export interface GradOptions<N extends number | readonly number[]> {
  /** Which arguments to differentiate with respect to; by default the first. */
  argnums?: N;
}

/** The gradient for an argument, nested as the argument is. */
export type Gradient<T> = T extends Tensor | TypedArray
  ? Tensor
  : T extends object
    ? { [K in keyof T]: Gradient<T[K]> }
    : Tensor;

/** One gradient where one argument is named, a list where a list is. */
export type Gradients<A extends unknown[], N> = N extends readonly number[]
  ? { [K in keyof N]: Gradient<A[N[K] & number]> }
  : Gradient<A[N & number]>;

/**
 * The function that gives f's value and its gradients. Each argument differentiated is a node of its own, so nested
 * calls don't confuse their perturbations. f returns a scalar; its arguments are tensors, or nested arrays and plain
 * objects of them, whose gradients have the same nesting.
 *
 * A compiled function, as f or called in it, is run as it was written, each time anew: what it assigns, it assigns once.
 * As f, its typed arrays are differentiated in the shapes that it gives them.
 * Nothing that f computes is let go before its gradients are there, however long the computation. A variable that f
 * reaches through its closure is a leaf, and no derivative passes an assignment (see `gradients`).
 * @param f a function that returns a scalar
 * @param options which arguments
 * @returns a function of the arguments of f that gives [value, gradient]
 * @throws ShapeError where f returns no scalar
 * @throws ValueError where there is no such argument
 * @throws GradientError where f depends on an argument only through ops without derivatives
 */
export function valueAndGrad<A extends unknown[], const N extends number | readonly number[] = 0>(
  f: (...args: A) => Tensor,
  options: GradOptions<N> = {},
): (...args: A) => [value: Tensor, gradients: Gradients<A, N>] {
  return differentiate("valueAndGrad", f, options);
}

/** The same for the function of the user's that `name` names. */
function differentiate<A extends unknown[], const N extends number | readonly number[]>(
  name: string,
  f: (...args: A) => Tensor,
  options: GradOptions<N>,
): (...args: A) => [value: Tensor, gradients: Gradients<A, N>] {
  checkInstance(name, f, Function, "a function");
  checkOptions(name, options, ["argnums"]);
  const argnums = argnumsIn(name, options);
  return acceptingAs(f, (...args: A) =>
    keepingHistory(() => {
      const { inputs, xs, nameOf, nest } = chosenArguments(name, argnums, withTensors(f, args));
      const y = scalarOf(name, f(...inputs));
      const gs = gradientsOf(name, y, xs, undefined, nameOf);
      const found = new Map(gs.map((g, i) => [xs[i], g]));
      return [y, nest((x) => found.get(x)) as Gradients<A, N>];
    }),
  );
}

/** Which arguments are differentiated, by default the first. */
export function argnumsIn(
  name: string,
  { argnums = 0 }: GradOptions<number | readonly number[]>,
): number | readonly number[] {
  if (![argnums].flat().every((n) => typeof n === "number")) {
    throw new ArgumentError(
      `${name}: argnums is a number or a list of them, got ${describeValue(argnums)}`,
    );
  }
  return argnums;
}

/** A call's arguments, of which those that are differentiated are nodes of their own. */
interface Chosen<A> {
  inputs: A;
  /** These nodes. */
  xs: Tensor[];
  /** What errors call one of them. */
  nameOf(x: Tensor): string;
  /** What is found for each, nested as the argument is: one where one argument is named, a list where a list is. */
  nest(leaf: (x: Tensor) => unknown): unknown;
}

/** What errors call an argument, or a tensor in it, in the middle of a sentence. */
export const argumentName = ({ dtype, shape }: Tensor, position: number): string =>
  `argument ${position}, ${dtype}${show(shape)},`;

/** Makes each of the chosen arguments a node of its own. */
export function chosenArguments<A extends unknown[]>(
  name: string,
  argnums: number | readonly number[],
  args: A,
): Chosen<A> {
  const wanted = [argnums].flat();
  const positions = new Map<Tensor, number>();
  const inputs = args.map((arg, i) =>
    wanted.includes(i)
      ? mapTree(arg, (leaf) => {
          const x = identity(differentiable(name, leaf, i));
          positions.set(x, i);
          return x;
        })
      : arg,
  ) as A;
  const missing = wanted.find((i) => !(i in inputs));
  if (missing !== undefined) {
    throw new ValueError(
      `${name}: argnums names argument ${missing}, but there are ${args.length}`,
    );
  }
  return {
    inputs,
    xs: [...positions.keys()],
    nameOf: (x) => argumentName(x, positions.get(x)!),
    nest(leaf) {
      const found = wanted.map((i) => mapTree(inputs[i], (x) => leaf(x as Tensor)));
      return typeof argnums === "number" ? found[0] : found;
    },
  };
}

/**
 * The function that gives f's gradients: `grad(f)(x)` is ∂f/∂x. Nested, it gives derivatives of any order.
 * @param f a function that returns a scalar
 * @param options which arguments
 * @returns a function of the arguments of f; of several arguments the gradients are a list
 * @throws ShapeError where f returns no scalar
 * @throws ValueError where there is no such argument
 * @throws GradientError where f depends on an argument only through ops without derivatives
 */
export function grad<A extends unknown[], const N extends number | readonly number[] = 0>(
  f: (...args: A) => Tensor,
  options: GradOptions<N> = {},
): (...args: A) => Gradients<A, N> {
  const both = differentiate("grad", f, options);
  return acceptingAs(f, (...args: A) => both(...args)[1]);
}

function differentiable(name: string, x: unknown, position: number): Tensor {
  if (x instanceof Tensor) return x;
  if (typeof x === "number") return scalar(x);
  throw new ArgumentError(`${name}: argument ${position} is not a tensor, so it has no gradient`);
}

/** What a function that is to be differentiated returned: throws unless it is a scalar. */
export function scalarOf(name: string, y: unknown): Tensor {
  if (wasAsync(y)) {
    throw new TraceError(
      `${name}: the function is async; return the tensor itself and read it afterwards`,
    );
  }
  if (!(y instanceof Tensor))
    throw new ArgumentError(`${name}: the function must return a tensor, got ${describeValue(y)}`);
  if (y.size !== 1) {
    throw new ShapeError(
      `${name}: the function returned ${describe(y)}, not a scalar; reduce it, as in y.sum()`,
    );
  }
  return unchanged(y);
}
