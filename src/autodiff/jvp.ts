import { checkInstance } from "../base/describe-value.ts";
import { isFloat } from "../base/dtype.ts";
import { ArgumentError, GradientError, ValueError } from "../base/errors.ts";
import { checkList } from "../base/shape.ts";
import { mapTree } from "../base/tree.ts";
import { scalar } from "../graph/build.ts";
import { keepingHistory } from "../graph/history.ts";
import { withTensors } from "../graph/host-arrays.ts";
import { identity } from "../graph/identity.ts";
import { describe, newestId, Tensor } from "../graph/tensor.ts";
import type { Gradient } from "./grad.ts";
import { derived } from "./gradients.ts";
import { givenFor, mapAlong, resultOf, type Along } from "./nesting.ts";
import { pushForward, zerosLike, type Change } from "./push-forward.ts";

const WORDS = { op: "jvp", given: "tangent", of: "primal" };

/**
 * Forward mode: [f(x₁, …, xₙ), Σᵢ ∂f/∂xᵢ · dxᵢ], the value of f and its differential along the tangents dxᵢ, in one
 * pass over f whatever its number of inputs.
 *
 * Arguments and results are tensors, or nested arrays and plain objects of them; tangents nest as the arguments do and
 * have their shapes. A tangent null means that there is no derivative with respect to that argument, or to all that is
 * nested in it: integers have no other, and it costs nothing. Results that are integers or booleans have the tangent
 * null; a float that does not depend on the arguments has zeros.
 *
 * Each argument is a node of its own, so nested calls of `jvp`, `vjp` and `grad`, in any order, don't confuse their
 * perturbations. What f reaches through its closure is constant, and no derivative passes an assignment to a variable.
 * Where f depends on an argument only through ops that have no derivative, a GradientError names the op, as in reverse
 * mode.
 * @param f a function of tensors
 * @param primals the arguments of f, in a list
 * @param tangents one for each argument, of its shape, or null
 * @returns [f(x), its differential]
 * @throws ShapeError where a tangent has another shape than its argument
 * @throws DtypeError where a tangent is not float32
 * @throws ValueError where there are more or less tangents than arguments, or they nest otherwise
 * @throws GradientError where f depends on an argument only through ops without derivatives
 */
export function jvp<A extends unknown[], R>(
  f: (...args: A) => R,
  primals: readonly [...A],
  tangents: { readonly [K in keyof A]: Along<A[K]> },
): [value: R, tangent: Gradient<R>] {
  checkInstance("jvp", f, Function, "a function");
  checkList("jvp", "primals are a list of arguments", primals);
  checkList("jvp", "tangents are a list, one for each argument", tangents);
  if (primals.length !== tangents.length) {
    throw new ValueError(
      `jvp: there are ${primals.length} primals and ${tangents.length} tangents`,
    );
  }
  const oldest = newestId();
  const seeds: Seed[] = [];
  const inputs = mapAlong(WORDS, withTensors(f, primals), tangents, (leaf, t, path) => {
    if (t === null) return leaf;
    const primal = typeof leaf === "number" ? scalar(leaf) : leaf;
    if (!(primal instanceof Tensor)) {
      throw new ArgumentError(`jvp: primal${path} is not a tensor, so its tangent is null`);
    }
    const tangent = givenFor(WORDS, primal, t, path);
    const x = identity(primal);
    seeds.push({ x, tangent, name: `primal${path}` });
    return x;
  }) as A;
  return keepingHistory(() => {
    const { value, tensors } = resultOf("jvp", f(...inputs));
    const floats = tensors.filter((y) => isFloat(y.dtype));
    const found = tangentsOf("jvp", floats, seeds, oldest);
    return [value, mapTree(value, (y) => found.get(y as Tensor) ?? null) as Gradient<R>];
  });
}

/** A node with its tangent, and what errors call it. */
export interface Seed {
  x: Tensor;
  tangent: Tensor;
  name: string;
}

/** The tangents of `roots` along those of the seeds, none of which is older than the node `oldest`. */
export function tangentsOf(
  op: string,
  roots: readonly Tensor[],
  seeds: readonly Seed[],
  oldest: number,
): Map<Tensor, Tensor> {
  const given = new Map<Tensor, Change>();
  const bitOf = (i: number) => 1n << BigInt(i);
  seeds.forEach(({ x, tangent }, i) => {
    given.set(x, { tangent, reached: bitOf(i), depends: bitOf(i) });
  });
  // What is older than the seeds doesn't depend on them, and neither does a variable's value: no derivative passes an
  // assignment.
  const isLeaf = (node: Tensor) => node.id < oldest || node.versionOf !== null;
  const { changes, stops } = pushForward(roots, given, isLeaf);
  const reached = roots.reduce((bits, y) => bits | (changes.get(y)?.reached ?? 0n), 0n);
  seeds.forEach(({ name }, i) => {
    const root = roots.find((y) => (changes.get(y)?.depends ?? 0n) & bitOf(i));
    if (!root || reached & bitOf(i)) return;
    const stop = stops.findLast((s) => s.seeds & bitOf(i))!;
    throw new GradientError(
      `${op}: ${describe(root)} depends on ${name} only through ${stop.op}, which has no derivative`,
    );
  });
  return new Map(
    roots.map((y) => {
      const dy = changes.get(y)?.tangent ?? zerosLike(y);
      derived.add(dy);
      return [y, dy];
    }),
  );
}
