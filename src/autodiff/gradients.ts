import { isFloat } from "../base/dtype.ts";
import { GradientError, ShapeError } from "../base/errors.ts";
import { checkList, sameShape, show } from "../base/shape.ts";
import { scalar } from "../graph/build.ts";
import { checkTensor, definitionOf, describe, lineageOf, type Tensor } from "../graph/tensor.ts";
import { Variable } from "../graph/variable.ts";
import { broadcastTo } from "../ops/broadcast.ts";
import { pullBack, type Blocker } from "./pull-back.ts";

/** What `gradients` has returned: where it depends on x only through comparisons, its derivative is 0, not an error. */
export const derived = new WeakSet<Tensor>();

/**
 * The gradients of y with respect to each of `xs`: ∂y/∂x, or its product with `cotangent` where y is no scalar.
 * Adds nodes to the graph, so gradients of gradients need nothing more.
 *
 * An x that y does not depend on gets zeros. Where y depends on an x only through ops that have no derivative
 * (comparisons, logical ops, argMax, casts to integers, random draws) a GradientError names the op; where y is made of
 * gradients, these have zeros there: the second derivative of max is 0.
 */
export function gradients(y: Tensor, xs: readonly Tensor[], cotangent?: Tensor): Tensor[] {
  checkTensor("gradients", y);
  checkList("gradients", "what it is with respect to is a list of tensors", xs);
  for (const x of xs) checkTensor("gradients", x);
  const root = y.value;
  checkRoot(root, cotangent);
  const nodes = xs.map((x) => nodeOf(x, root));
  const g = cotangent ?? broadcastTo(scalar(1), root.shape);
  const { cotangents, blockers } = pullBack(root, nodes, g);
  return nodes.map((x) => {
    if (!isFloat(x.dtype)) {
      throw new GradientError(`gradients: ${describe(x)} has no gradient: only floats have one`);
    }
    const c = cotangents.get(x);
    if (c === undefined) refuseUnreachable(root, x, blockers);
    const gradient = c ?? broadcastTo(scalar(0), x.shape);
    derived.add(gradient);
    return gradient;
  });
}

function checkRoot(root: Tensor, cotangent: Tensor | undefined): void {
  if (!isFloat(root.dtype)) {
    throw new GradientError(`gradients: ${describe(root)} is not a float, so it has no derivative`);
  }
  if (!cotangent && root.size !== 1) {
    throw new ShapeError(
      `gradients: ${describe(root)} is not a scalar; reduce it to one, as in y.sum(), or give its cotangent`,
    );
  }
  if (cotangent && !sameShape(cotangent.shape, root.shape)) {
    throw new ShapeError(
      `gradients: the cotangent has shape ${show(cotangent.shape)}, y has ${show(root.shape)}`,
    );
  }
}

/** A variable stands for its value where y was computed, even if it has been assigned since. */
function nodeOf(x: Tensor, root: Tensor): Tensor {
  if (!(x instanceof Variable)) return x.value;
  return lineageOf(root).findLast((node) => node.versionOf === x) ?? x.value;
}

/** Where no derivative reached x: an error, unless y really doesn't depend on it. */
function refuseUnreachable(root: Tensor, x: Tensor, blockers: readonly Blocker[]): void {
  const ofGradients = new Set(
    lineageOf(root)
      .filter((node) => derived.has(node))
      .flatMap((node) => lineageOf(node)),
  );
  const blocker = blockers.find(
    ({ input }) => !ofGradients.has(input) && lineageOf(input).includes(x),
  );
  if (blocker) {
    throw new GradientError(
      `gradients: ${describe(root)} depends on ${describe(x)} only through ${stopOf(blocker, x)}, which has no derivative`,
    );
  }
  if (lineageOf(root).some((node) => node.forgotten)) {
    throw new GradientError(
      `gradients: how ${describe(root)} was computed has been let go, since a variable it was computed from has been ` +
        "assigned after it was read; ask for the gradients before",
    );
  }
}

/** The op at which floats that depend on x end: where a cast of booleans is in the way, what made them. */
function stopOf({ op, input }: Blocker, x: Tensor): string {
  if (isFloat(input.dtype)) return op;
  const dependent = new Set([x]);
  for (const node of lineageOf(input)) {
    const made = definitionOf(node);
    if (!made?.inputs.some((y) => dependent.has(y))) continue;
    if (!isFloat(node.dtype)) return made.op.name;
    dependent.add(node);
  }
  return op;
}
