import * as complexFunctions from "../../base/complex.ts";
import { isFloat, type HostArray } from "../../base/dtype.ts";
import type { Attrs, ComplexArray, Op, Rules, Spec } from "../../graph/op.ts";
import * as reference from "../../graph/reference.ts";
import { describe, topologicalOrder, type Tensor } from "../../graph/tensor.ts";

/** How one op is computed on some kind of numbers. */
export type Evaluate<V> = (
  op: Op,
  inputs: readonly V[],
  specs: readonly Spec[],
  attrs: Attrs,
  out: Tensor,
) => V;

/**
 * Computes the graph behind `roots` node by node, as the user wrote it: no pass has touched it. `leaf` gives the values
 * of the sources. A value is let go after its last use.
 */
export function interpret<V>(
  roots: readonly Tensor[],
  leaf: (source: Tensor) => V,
  evaluate: Evaluate<V>,
): V[] {
  const order = topologicalOrder(roots);
  const uses = new Map<Tensor, number>();
  for (const x of [...order.flatMap((node) => node.inputs), ...roots]) {
    uses.set(x, (uses.get(x) ?? 0) + 1);
  }
  const values = new Map<Tensor, V>();
  const copies = new Map<readonly Tensor[], { node: Tensor; value: V }>();
  for (const node of order) {
    const { op, inputs, attrs } = node;
    if (!op) {
      values.set(node, leaf(node));
      continue;
    }
    // A node and its alias share their list of inputs; they are computed once.
    const twin = copies.get(inputs);
    const value =
      twin && twin.node.op === op && twin.node.attrs === attrs
        ? twin.value
        : evaluate(
            op,
            inputs.map((x) => values.get(x)!),
            inputs,
            attrs,
            node,
          );
    values.set(node, value);
    copies.set(inputs, { node, value });
    for (const x of inputs) {
      const left = uses.get(x)! - 1;
      uses.set(x, left);
      if (left === 0) values.delete(x);
    }
  }
  return roots.map((x) => values.get(x)!);
}

/** An op on real numbers: floats in float64, or rounded to float32 after every op. */
export const evaluateReal =
  (precision: "float64" | "float32"): Evaluate<HostArray> =>
  (op, inputs, specs, attrs, out) => {
    const rules: Rules = op;
    const y = rules.cpu(inputs, specs, attrs, out, reference);
    if (precision === "float32" && y instanceof Float64Array) {
      return y.map(Math.fround);
    }
    return y;
  };

/** An op on complex numbers, without a conjugation anywhere, so that complex-step derivatives come out exact. */
export const evaluateComplex: Evaluate<ComplexArray> = (op, inputs, specs, attrs, out) => {
  const rules: Rules = op;
  const real = () =>
    rules.cpu(
      inputs.map((x) => x.re),
      specs,
      attrs,
      out,
      reference,
    );
  if (inputs.every((x) => x.im === null)) return { re: real(), im: null };
  if (rules.complex) return rules.complex(inputs, specs, attrs, out, reference, complexFunctions);
  if (op.kind === "composite") {
    const { decompose }: typeof op = op;
    const sources = out.inputs;
    const known = new Map(sources.map((x, i) => [x, inputs[i]]));
    return interpretFrom(decompose(sources, attrs), known);
  }
  if (op.kind === "movement") {
    const moved = (part: (x: ComplexArray) => HostArray) =>
      rules.cpu(
        // Indices stay what they are; it is the elements that are moved.
        inputs.map((x, i) => (isFloat(specs[i].dtype) ? part(x) : x.re)),
        specs,
        attrs,
        out,
        reference,
      ) as Float64Array;
    const zeros = ({ re }: ComplexArray) => new Float64Array(re.length);
    const im = moved((x) => x.im ?? zeros(x));
    // What is filled in is real.
    const filled = op.fill && moved(zeros);
    return { re: real(), im: filled ? im.map((v, i) => v - filled[i]) : im };
  }
  return { re: real(), im: null };
};

/** Computes a graph on complex numbers from nodes whose values are known. */
function interpretFrom(root: Tensor, known: ReadonlyMap<Tensor, ComplexArray>): ComplexArray {
  const values = new Map(known);
  const value = (x: Tensor): ComplexArray => {
    const found = values.get(x);
    if (found) return found;
    const y =
      x.op === null
        ? constantValue(x)
        : evaluateComplex(x.op, x.inputs.map(value), x.inputs, x.attrs, x);
    values.set(x, y);
    return y;
  };
  return value(root);
}

function constantValue(x: Tensor): ComplexArray {
  if (x.source?.kind === "constant") return { re: x.source.data, im: null };
  throw new Error(`interpret: ${describe(x)} is not part of the decomposition`);
}
