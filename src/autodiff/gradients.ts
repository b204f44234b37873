import { isFloat } from "../base/dtype.ts";
import { DtypeError, GradientError, ShapeError } from "../base/errors.ts";
import { addTo } from "../base/maps.ts";
import { checkList, sameShape, show } from "../base/shape.ts";
import { mayInclude } from "../graph/ancestry.ts";
import { keepingHistory, readsOf } from "../graph/history.ts";
import { unchanged } from "../graph/identity.ts";
import { checkTensor, derivationOf, describe, lineageOf, type Tensor } from "../graph/tensor.ts";
import { Variable } from "../graph/variable.ts";
import { add } from "../ops/arithmetic.ts";
import { everywhere } from "../ops/broadcast.ts";
import { pullBack, type Blocker, type Cotangent } from "./pull-back.ts";

/** What `gradients` has returned: where it depends on x only through comparisons, its derivative is 0, not an error. */
export const derived = new WeakSet<Tensor>();

/**
 * The gradients of y with respect to each of `xs`: ∂y/∂x, or its product with `cotangent` where y is no scalar.
 * Adds nodes to the graph, so gradients of gradients need nothing more.
 *
 * A variable is a leaf: the gradient with respect to it is the sum over all places where y read it, each at the value
 * that it had there. Nothing passes an assignment, so what reached y only through one has the gradient 0.
 *
 * An x that y does not depend on gets zeros. Where y depends on an x only through ops that have no derivative
 * (comparisons, logical ops, argMax, casts to integers, random draws) a GradientError names the op; where y is made of
 * gradients, these have zeros there: the second derivative of max is 0.
 *
 * It is a GradientError, too, where part of the gradient would be lost. What a compiled function returned carries no
 * history: differentiate inside, as in `compile(grad(f))`. What was read can be differentiated afterwards, but not
 * without end: behind it 16,384 nodes are kept, in which 4 KiB of values count as one more, and the variables that it
 * was computed from may be assigned in 64 runs, of which the old values take 64 MiB at most. Within `grad` and
 * `valueAndGrad` nothing is let go.
 * @param y float32; a scalar, or with a cotangent of any shape
 * @param xs tensors and variables
 * @param cotangent of the shape and dtype of y; 1 by default
 * @returns as many gradients, of the shapes of `xs`
 * @throws ShapeError where y is no scalar, or the cotangent has another shape
 * @throws DtypeError where the cotangent has another dtype
 * @throws GradientError where y or an x is no float, where y depends on an x only through ops without derivatives, or
 *   where part of a gradient is lost
 */
export function gradients(y: Tensor, xs: readonly Tensor[], cotangent?: Tensor): Tensor[] {
  checkTensor("gradients", y);
  checkList("gradients", "what it is with respect to is a list of tensors", xs);
  for (const x of xs) checkTensor("gradients", x);
  if (cotangent !== undefined) checkTensor("gradients", cotangent);
  if (isFloat(y.dtype)) checkCotangent(y, cotangent);
  return gradientsOf("gradients", y, xs, cotangent);
}

/**
 * The same for the function of the user's that `op` names, and a y that is known to be a scalar, or to have the shape of
 * the cotangent; errors call each x what `nameOf` says.
 */
export function gradientsOf(
  op: string,
  y: Tensor,
  xs: readonly Tensor[],
  cotangent?: Tensor,
  nameOf: (x: Tensor) => string = describe,
): Tensor[] {
  const root = y.value;
  if (!isFloat(root.dtype)) {
    throw new GradientError(`${op}: ${describe(root)} is not a float, so it has no derivative`);
  }
  return keepingHistory(() => {
    const g = cotangent ? unchanged(cotangent) : everywhere(1, root.shape);
    return walkBack(op, root, xs, g, nameOf);
  });
}

function walkBack(
  op: string,
  root: Tensor,
  xs: readonly Tensor[],
  g: Tensor,
  nameOf: (x: Tensor) => string,
): Tensor[] {
  const order = lineageOf([root]);
  const versions = versionsIn(order);
  const targets = xs.map((x) => (x instanceof Variable ? (versions.get(x) ?? []) : [x.value]));
  const cuts = order.filter((node) => node.cut && xs.some((x) => mayDepend(node, x)));
  const { cotangents, blockers } = pullBack([[root, g]], [...targets.flat(), ...cuts]);
  let blockerOf: ReturnType<typeof blockedFrom> | null = null;
  return xs.map((x, i) => {
    if (!isFloat(x.dtype)) {
      throw new GradientError(`${op}: ${nameOf(x)} has no gradient: only floats have one`);
    }
    for (const node of cuts) {
      if (cotangents.get(node) && mayDepend(node, x)) refuseCut(op, root, nameOf(x), node);
    }
    const reached = targets[i].filter((node) => cotangents.has(node));
    if (reached.length === 0) {
      blockerOf ??= blockedFrom(order, blockers);
      const blocker = blockerOf(targets[i]);
      if (blocker) refuseBlocked(op, root, nameOf(x), targets[i], blocker);
    }
    const gradient = reached
      .map((node) => cotangents.get(node) ?? null)
      .reduce<Cotangent>((sum, c) => (sum && c ? add(sum, c) : (sum ?? c)), null);
    const dx = gradient ?? everywhere(0, x.shape);
    derived.add(dx);
    return dx;
  });
}

/** The nodes that stand for variables' values, by variable. */
function versionsIn(order: readonly Tensor[]): Map<Variable, Tensor[]> {
  const found = new Map<Variable, Tensor[]>();
  for (const node of order) {
    if (node.versionOf) addTo(found, node.versionOf, node);
  }
  return found;
}

/** Whether a node, whose history is not known, may have been computed from x. */
function mayDepend(node: Tensor, x: Tensor): boolean {
  return readsOf(node).has(x.id) || (!(x instanceof Variable) && mayInclude(node.cut!.ancestry, x));
}

function refuseCut(op: string, root: Tensor, x: string, node: Tensor): never {
  const what = node === root ? "" : `${describe(root)} depends on `;
  throw new GradientError(
    `${op}: ${what}${describe(node)}, which may depend on ${x} and ${node.cut!.why}`,
  );
}

function checkCotangent(y: Tensor, cotangent: Tensor | undefined): void {
  if (!cotangent && y.size !== 1) {
    throw new ShapeError(
      `gradients: ${describe(y.value)} is not a scalar; reduce it to one, as in y.sum(), or give its cotangent`,
    );
  }
  if (cotangent && !sameShape(cotangent.shape, y.shape)) {
    throw new ShapeError(
      `gradients: the cotangent has shape ${show(cotangent.shape)}, y has ${show(y.shape)}`,
    );
  }
  if (cotangent && cotangent.dtype !== y.dtype) {
    throw new DtypeError(
      `gradients: the cotangent is ${cotangent.dtype}, y ${y.dtype}; use cast("${y.dtype}")`,
    );
  }
}

/** Finds what was in the way of all derivatives with respect to some nodes, if it was that: the last op on the way. */
function blockedFrom(
  order: readonly Tensor[],
  blockers: readonly Blocker[],
): (nodes: readonly Tensor[]) => Blocker | undefined {
  const ofGradients = new Set(lineageOf(order.filter((node) => derived.has(node))));
  const open = blockers.filter(({ input }) => !ofGradients.has(input));
  const behind = new Set(lineageOf(open.map(({ input }) => input)));
  return (nodes) =>
    nodes.some((x) => behind.has(x))
      ? open.find(({ input }) => lineageOf([input]).some((node) => nodes.includes(node)))
      : undefined;
}

/** Where no derivative reached x, though y depends on it. */
function refuseBlocked(
  op: string,
  root: Tensor,
  x: string,
  nodes: readonly Tensor[],
  blocker: Blocker,
): never {
  throw new GradientError(
    `${op}: ${describe(root)} depends on ${x} only through ${stopOf(blocker, nodes)}, which has no derivative`,
  );
}

/** The op at which floats that depend on x end: where a cast of booleans is in the way, what made them. */
function stopOf({ op, input }: Blocker, nodes: readonly Tensor[]): string {
  if (isFloat(input.dtype)) return op;
  const dependent = new Set(nodes);
  for (const node of lineageOf([input])) {
    const made = derivationOf(node);
    if (!made?.inputs.some((y) => dependent.has(y))) continue;
    if (!isFloat(node.dtype)) return made.op.name;
    dependent.add(node);
  }
  return op;
}
