import * as complexFunctions from "../../base/complex.ts";
import { isFloat, type HostArray } from "../../base/dtype.ts";
import type { Application } from "../../graph/application.ts";
import { placeholder } from "../../graph/build.ts";
import type { ComplexArray } from "../../graph/op.ts";
import * as reference from "../../graph/reference.ts";
import { rulesOf } from "../../graph/rules.ts";
import { topologicalOrder, type Tensor } from "../../graph/tensor.ts";
import { referenceOf } from "./reference-rules.ts";

/** How one op is computed on some kind of numbers: a value for each of its results. */
export type Evaluate<V> = (application: Application, inputs: readonly V[]) => readonly V[];

/**
 * Computes the graph behind `roots` op by op, as the user wrote it: no pass has touched it. `leaf` gives the values of
 * the sources, and `visit` is told those of all other nodes. A value is let go after its last use.
 */
export function interpret<V>(
  roots: readonly Tensor[],
  leaf: (source: Tensor) => V,
  evaluate: Evaluate<V>,
  visit?: (node: Tensor, value: V) => void,
): V[] {
  const order = topologicalOrder(roots);
  const applications = new Set(order.flatMap((node) => node.application ?? []));
  const uses = new Map<Tensor, number>();
  for (const x of [...[...applications].flatMap(({ inputs }) => inputs), ...roots]) {
    uses.set(x, (uses.get(x) ?? 0) + 1);
  }
  const values = new Map<Tensor, V>();
  for (const node of order) {
    const { application } = node;
    if (!application) {
      values.set(node, leaf(node));
      continue;
    }
    // Another result of the op came before this one.
    if (!applications.delete(application)) continue;
    const { inputs, results } = application;
    const found = evaluate(
      application,
      inputs.map((x) => values.get(x)!),
    );
    results.forEach((y, i) => {
      if (!uses.has(y)) return;
      values.set(y, found[i]);
      visit?.(y, found[i]);
    });
    for (const x of inputs) {
      const left = uses.get(x)! - 1;
      uses.set(x, left);
      if (left === 0) values.delete(x);
    }
  }
  return roots.map((x) => values.get(x)!);
}

/** A composite by the ops that it is made of; `constant` gives the values of their constants. */
export function evaluateParts<V>(
  { op, inputs: specs, attrs, bodies }: Application,
  inputs: readonly V[],
  constant: (data: HostArray) => V,
  evaluate: Evaluate<V>,
): V[] {
  const parts = rulesOf(op).decompose!(specs.map(placeholder), attrs, bodies);
  const leaf = ({ source }: Tensor): V => {
    if (source?.kind === "constant") return constant(source.data);
    if (source?.kind === "input") return inputs[source.position];
    throw new Error(`interpret: ${op.name} decomposes into what it was not given`);
  };
  return interpret(parts, leaf, evaluate);
}

/** An op on real numbers: floats in float64, or rounded to float32 after every op. */
export function evaluateReal(precision: "float64" | "float32"): Evaluate<HostArray> {
  const evaluate: Evaluate<HostArray> = (application, inputs) => {
    const { op, inputs: specs, attrs, results } = application;
    const { cpu } = referenceOf(op);
    if (!cpu) return evaluateParts(application, inputs, (data) => data, evaluate);
    const found = cpu(inputs, specs, attrs, results, reference);
    if (precision === "float64") return found;
    return found.map((y) => (y instanceof Float64Array ? y.map(Math.fround) : y));
  };
  return evaluate;
}

/** An op on complex numbers, without a conjugation anywhere, so that complex-step derivatives come out exact. */
export const evaluateComplex: Evaluate<ComplexArray> = (application, inputs) => {
  const { op, inputs: specs, attrs, results } = application;
  const { cpu, complex } = referenceOf(op);
  const isReal = inputs.every((x) => x.im === null);
  if (!isReal && complex) {
    return complex(inputs, specs, attrs, results, reference, complexFunctions);
  }
  if (!cpu || (!isReal && op.kind === "composite")) {
    return evaluateParts(application, inputs, (re) => ({ re, im: null }), evaluateComplex);
  }
  const on = (part: (x: ComplexArray, i: number) => HostArray) =>
    cpu(inputs.map(part), specs, attrs, results, reference);
  const real = on((x) => x.re);
  if (isReal || op.kind !== "movement") return real.map((re) => ({ re, im: null }));
  // Indices stay what they are; it is the elements that are moved.
  const moved = (part: (x: ComplexArray) => HostArray) =>
    on((x, i) => (isFloat(specs[i].dtype) ? part(x) : x.re))[0] as Float64Array;
  const zeros = ({ re }: ComplexArray) => new Float64Array(re.length);
  const im = moved((x) => x.im ?? zeros(x));
  // What is filled in is real.
  const filled = op.fill && moved(zeros);
  return [{ re: real[0], im: filled ? im.map((v, i) => v - filled[i]) : im }];
};
