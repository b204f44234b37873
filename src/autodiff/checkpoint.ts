import { checkInstance } from "../base/describe-value.ts";
import { mapTree } from "../base/tree.ts";
import { instantiate } from "../graph/body.ts";
import { apply, applyAll, withOp } from "../graph/build.ts";
import { bodyOf } from "../graph/canonical.ts";
import { keepingHistory } from "../graph/history.ts";
import { marksBelow } from "../graph/marks.ts";
import type { Attrs, MapOp, SeveralOp } from "../graph/op.ts";
import { infix, select } from "../graph/scalar.ts";
import { newestId, ordered, type Tensor } from "../graph/tensor.ts";
import { elementwise } from "../ops/elementwise.ts";
import { reshape } from "../ops/movement.ts";
import { slice } from "../ops/slice.ts";
import { capturedBy } from "./captured.ts";
import { tensorsIn } from "./nesting.ts";

const ofAnyDtype = elementwise<[number, number], Attrs>({
  name: "after",
  takes: "compare",
  real: (x) => x,
  complex: () => (x) => x,
  // Either way x: but the kernel has to wait for what it reads.
  scalar: ([x, g]) => select(x, x, infix(g, "==", g)),
  partials: () => [1, 0],
});

// On a batch g may differ between examples where x does not, so its shape counts too.
const afterOp: MapOp = {
  ...ofAnyDtype,
  infer: (inputs, attrs) => ({ ...ofAnyDtype.infer(inputs, attrs), dtype: inputs[0].dtype }),
};

/** x, of any dtype, but not before a scalar g has been computed: what is made of it is not merged with what is made of x. */
const after = (x: Tensor, g: Tensor): Tensor => apply(afterOp, [x, g], {});

interface CheckpointAttrs {
  /** The inputs of which every value that costs something is computed from one at least. */
  held: readonly number[];
}

const op: SeveralOp<CheckpointAttrs> = {
  kind: "composite",
  several: true,
  name: "checkpoint",
  infer: (_, __, [{ outputs }]) => outputs,
  derivative: {
    kind: "composite",
    decompose: (inputs, { held }, [body], gs = []) => instantiate(body, heldBack(inputs, held, gs)),
  },
  decompose: (inputs, _, [body]) => instantiate(body, inputs),
  batch: (inputs, mapped, attrs, [body], batchBody) =>
    applyAll(op, inputs, attrs, [batchBody(body, mapped)]),
};

/** Inputs of which some are not there before one of the cotangents is. */
function heldBack(
  inputs: readonly Tensor[],
  held: readonly number[],
  gs: readonly (Tensor | null)[],
): readonly Tensor[] {
  const g = gs.find((c) => c && c.size > 0);
  if (!g) return inputs;
  const first = slice(
    g,
    g.shape.map(() => 0),
    g.shape.map(() => 1),
  );
  return inputs.map((x, i) => (held.includes(i) ? after(x, reshape(first, [])) : x));
}

/**
 * The function f, of whose intermediate values none is kept for the backward pass: reverse mode computes them once more
 * from its arguments when it gets there. That takes as long as f again, and memory for the values of one such function
 * at a time instead of all (Griewank, Walther: "Revolve", 2000; Chen et al.: "Training Deep Nets with Sublinear Memory
 * Cost", 2016): with √n layers in each of √n functions, that of √n layers.
 *
 * Arguments and results are tensors, or nested arrays and plain objects of them, and what else f takes. Values and
 * gradients are those of f, which also reach the variables and tensors of its closure; random draws are the same in both
 * passes. f is called once for each call, and what it assigns is assigned once. It nests, and stands in any transformation
 * as f itself would.
 * @param f a function of tensors
 * @returns a function of the same arguments
 */
export const checkpoint = withOp(
  <A extends unknown[], R>(f: (...args: A) => R): ((...args: A) => R) => {
    checkInstance("checkpoint", f, Function, "a function");
    return (...args) => {
      const oldest = newestId();
      const { value, tensors } = tensorsIn(
        "checkpoint",
        keepingHistory(() => f(...args)),
      );
      if (tensors.length === 0) return value;
      const inputs = capturedBy(tensors, new Set(), oldest);
      const attrs: CheckpointAttrs = { held: heldOf(inputs, tensors) };
      const results = applyAll(op, inputs, attrs, [bodyOf(inputs, tensors)]);
      const own = new Map(tensors.map((y, i) => [y, results[i]]));
      return mapTree(value, (y) => own.get(y as Tensor)) as R;
    };
  },
  op,
);

/**
 * Inputs to hold back so that nothing is computed without one of them: of each value's the smallest, since products
 * read a copy of what is held back. What only moves elements costs nothing, and needs none.
 */
function heldOf(inputs: readonly Tensor[], outputs: readonly Tensor[]): number[] {
  const leaves = new Set(inputs);
  const inputsOf = (node: Tensor) => (leaves.has(node) ? [] : (node.made?.inputs ?? []));
  const order = ordered(outputs, inputsOf);
  const inputsBelow = marksBelow(order, inputsOf, inputs);
  const held = new Set<Tensor>();
  for (const node of order) {
    if (leaves.has(node) || node.made?.op.kind === "movement") continue;
    const below = inputsBelow(node);
    if (below.length === 0 || below.some((x) => held.has(x))) continue;
    held.add(below.reduce((a, b) => (b.size < a.size ? b : a)));
  }
  return inputs.flatMap((x, i) => (held.has(x) ? [i] : []));
}
