import * as complexFunctions from "../../base/complex.ts";
import { placeholder } from "../../graph/build.ts";
import { isFloat, type HostArray } from "../../base/dtype.ts";
import type { Attrs, ComplexArray, Op, Rules, Spec } from "../../graph/op.ts";
import * as reference from "../../graph/reference.ts";
import { topologicalOrder, type Tensor } from "../../graph/tensor.ts";

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
  for (const node of order) {
    const { op, inputs, attrs } = node;
    if (!op) {
      values.set(node, leaf(node));
      continue;
    }
    const operands = inputs.map((x) => values.get(x)!);
    values.set(node, evaluate(op, operands, inputs, attrs, node));
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
    const leaf = ({ source }: Tensor): ComplexArray => {
      if (source?.kind === "constant") return { re: source.data, im: null };
      if (source?.kind === "input") return inputs[source.position];
      throw new Error(`interpret: ${op.name} decomposes into what it was not given`);
    };
    return interpret([decompose(specs.map(placeholder), attrs)], leaf, evaluateComplex)[0];
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
