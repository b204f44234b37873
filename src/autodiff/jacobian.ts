import { checkInstance } from "../base/describe-value.ts";
import { isFloat } from "../base/dtype.ts";
import { GradientError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkShape } from "../base/shape.ts";
import { mapTree } from "../base/tree.ts";
import { keepingHistory } from "../graph/history.ts";
import { acceptingAs, withTensors } from "../graph/host-arrays.ts";
import { describe, newestId, type Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import { equal } from "../ops/compare.ts";
import { iota } from "../ops/iota.ts";
import { expandDims, reshape, transpose } from "../ops/movement.ts";
import { slice } from "../ops/slice.ts";
import { batchGraph, example, forAll } from "./batch.ts";
import { argnumsIn, chosenArguments, type GradOptions, type Gradients } from "./grad.ts";
import { tangentsOf } from "./jvp.ts";
import { resultOf } from "./nesting.ts";
import { pulled } from "./vjp.ts";

/** Which arguments are differentiated, and in which mode. */
export interface JacobianOptions<N extends number | readonly number[]> extends GradOptions<N> {
  /**
   * "forward": a column for each element of the arguments; "reverse": a row for each element of the results. By default
   * what takes fewer of them.
   */
  mode?: "forward" | "reverse";
}

/** For each tensor of a result what stands in its place: derivatives, nested as the arguments are. */
export type Derivatives<R, G> = R extends Tensor
  ? G
  : R extends object
    ? { [K in keyof R]: Derivatives<R[K], G> }
    : R;

/**
 * The function that gives the Jacobian of f: ∂f/∂x, of shape [...f's, ...x's]. Results nest as those of f, each with the
 * derivatives with respect to the argument in its place, which nest as that does; of several arguments, that `argnums`
 * lists, these are a list. A result that is no float has null.
 *
 * All columns, or all rows, are computed at once: f runs once, and the batch of its tangents or cotangents is one
 * program (see `vmap`). Both modes give the same to rounding, where all is finite: in reverse mode a NaN in one element of
 * the result reaches the derivatives of the others with respect to what they share, for 0 · NaN is NaN.
 *
 * It is a GradientError where an argument is no float, where no result is one, and where a result depends on an argument
 * only through ops that have no derivative; a ShapeError where there would be more than 8 axes.
 * @param f a function of tensors
 * @param options which arguments, and the mode
 * @returns a function of the arguments of f
 * @throws GradientError where no argument or no result is a float, or a result depends on one only through ops without
 *   derivatives
 * @throws ShapeError where there would be more than 8 axes
 * @throws ValueError where there is no such argument or mode
 */
export function jacobian<A extends unknown[], R, const N extends number | readonly number[] = 0>(
  f: (...args: A) => R,
  options: JacobianOptions<N> = {},
): (...args: A) => Derivatives<R, Gradients<A, N>> {
  return differentiated("jacobian", f, options);
}

/**
 * The function that gives the Hessian of f: ∂²f/∂x², of shape [...f's, ...x's, ...x's], forward mode over reverse mode.
 * It nests as `jacobian` of `jacobian`: f mostly returns a scalar, and for one argument that is a tensor the result is
 * [...x's, ...x's]; of arguments that nest it holds ∂²f/∂a∂b at a, then b.
 *
 * All columns are computed in one program; where the products with a vector will do, `hvp` costs as much as one column.
 * Errors are those of `jacobian`.
 * @param f a function of tensors, that mostly returns a scalar
 * @param options which arguments
 * @returns a function of the arguments of f
 * @throws GradientError where no argument or no result is a float, or a result depends on one only through ops without
 *   derivatives
 * @throws ShapeError where there would be more than 8 axes
 * @throws ValueError where there is no such argument
 */
export function hessian<A extends unknown[], R, const N extends number | readonly number[] = 0>(
  f: (...args: A) => R,
  options: GradOptions<N> = {},
): (...args: A) => Derivatives<R, Derivatives<Gradients<A, N>, Gradients<A, N>>> {
  checkOptions("hessian", options, ["argnums"]);
  const gradient = differentiated("hessian", f, { ...options, mode: "reverse" });
  const both = differentiated("hessian", gradient, { ...options, mode: "forward" });
  return both as ReturnType<typeof hessian<A, R, N>>;
}

function differentiated<A extends unknown[], R, N extends number | readonly number[]>(
  name: string,
  f: (...args: A) => R,
  options: JacobianOptions<N>,
): (...args: A) => Derivatives<R, Gradients<A, N>> {
  checkInstance(name, f, Function, "a function");
  checkOptions(name, options, ["argnums", "mode"]);
  const { mode } = options;
  const argnums = argnumsIn(name, options);
  if (mode !== undefined && mode !== "forward" && mode !== "reverse") {
    throw new ValueError(`${name}: a mode is "forward" or "reverse", got ${String(mode)}`);
  }
  return acceptingAs(f, (...args: A) =>
    keepingHistory(() => {
      const oldest = newestId();
      const { inputs, xs, nameOf, nest } = chosenArguments(name, argnums, withTensors(f, args));
      for (const x of xs) checkFloat(name, x);
      const { value, tensors } = resultOf(name, f(...inputs));
      const ys = [...new Set(tensors.filter((y) => isFloat(y.dtype)))];
      for (const y of ys) for (const x of xs) checkShape(name, [...y.shape, ...x.shape]);
      const isForward = mode ? mode === "forward" : sizeOfAll(xs) <= sizeOfAll(ys);
      const parts = isForward
        ? byColumns(name, xs, ys, nameOf, oldest)
        : byRows(name, xs, ys, nameOf);
      return mapTree(value, (y) => {
        const row = parts.get(y as Tensor);
        return row ? nest((x) => row.get(x)) : null;
      }) as Derivatives<R, Gradients<A, N>>;
    }),
  );
}

function checkFloat(name: string, x: Tensor): void {
  if (isFloat(x.dtype)) return;
  throw new GradientError(
    `${name}: ${describe(x.made!.inputs[0])} is an argument without derivatives: only floats have them`,
  );
}

const sizeOfAll = (xs: readonly Tensor[]) => xs.reduce((sum, { size }) => sum + size, 0);

/** ∂y/∂x by y, then x. */
type Jacobians = Map<Tensor, Map<Tensor, Tensor>>;

function byColumns(
  name: string,
  xs: readonly Tensor[],
  ys: readonly Tensor[],
  nameOf: (x: Tensor) => string,
  oldest: number,
): Jacobians {
  const columns = forUnits(name, xs, (tangents) => {
    const seeds = xs.map((x, i) => ({ x, tangent: tangents[i], name: nameOf(x) }));
    const found = tangentsOf(name, ys, seeds, oldest);
    return ys.map((y) => found.get(y)!);
  });
  return new Map(
    ys.map((y, k) => {
      const axes = y.shape.map((_, axis) => axis + 1);
      const rows = reshape(transpose(columns[k], [...axes, 0]), [y.size, sizeOfAll(xs)]);
      return [
        y,
        apart(xs, (x, start, end) => between(rows, 1, start, end, [...y.shape, ...x.shape])),
      ];
    }),
  );
}

function byRows(
  name: string,
  xs: readonly Tensor[],
  ys: readonly Tensor[],
  nameOf: (x: Tensor) => string,
): Jacobians {
  const rows = forUnits(name, ys, (cotangents) => {
    const roots = ys.map((y, i) => ({ y, g: cotangents[i] }));
    const found = pulled(name, roots, xs, nameOf);
    return xs.map((x) => found.get(x)!);
  });
  const whole = xs.map((x, i) => reshape(rows[i], [sizeOfAll(ys), x.size]));
  return apart(
    ys,
    (y, start, end) =>
      new Map(
        xs.map((x, i) => [x, between(whole[i], 0, start, end, [...y.shape, ...x.shape])] as const),
      ),
  );
}

/** Calls `part` for each tensor with the places of its elements among those of all. */
function apart<T>(
  xs: readonly Tensor[],
  part: (x: Tensor, start: number, end: number) => T,
): Map<Tensor, T> {
  let end = 0;
  return new Map(xs.map((x) => [x, part(x, end, (end += x.size))]));
}

/** Some of the rows or columns of a matrix, in another shape. */
function between(
  x: Tensor,
  axis: 0 | 1,
  start: number,
  end: number,
  shape: readonly number[],
): Tensor {
  const cut = (place: number, other: readonly number[]) => other.with(axis, place);
  return reshape(slice(x, cut(start, [0, 0]), cut(end, x.shape)), shape);
}

/**
 * What f makes of each unit vector of the space of all elements of some tensors, in one batch: of results of shape s
 * [n, ...s] for n elements. f is called once.
 */
function forUnits(
  name: string,
  xs: readonly Tensor[],
  f: (parts: readonly Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  const size = sizeOfAll(xs);
  const units = [...apart(xs, (x, start) => unitsFrom(x, start, size)).values()];
  if (size === 1) {
    // One example needs no batch.
    const found = f(units.map((u, i) => reshape(u, xs[i].shape)));
    return found.map((y) => expandDims(y, 0));
  }
  const examples = xs.map((x) => example(x));
  const seeds = new Map(examples.map((x, i) => [x, units[i]]));
  const results = f(examples);
  const batch = { name, size };
  const isLeaf = (node: Tensor) => node.id < examples[0].id || node.versionOf !== null;
  const found = batchGraph(batch, results, seeds, isLeaf);
  return results.map((y) => forAll(batch, y, found.get(y)));
}

/** A tensor's part of each of `count` unit vectors, in which its first element has the place `start`. */
function unitsFrom({ shape, size, dtype }: Tensor, start: number, count: number): Tensor {
  const places = add(iota([size]), start);
  const isOne = equal(expandDims(iota([count]), 1), places);
  return reshape(cast(isOne, dtype), [count, ...shape]);
}
