import { isFloat, type HostArray } from "../base/dtype.ts";
import { sizeOf } from "../base/shape.ts";
import { interpret, type Evaluate } from "../backends/cpu/interpret.ts";
import { placeholder } from "../graph/build.ts";
import type { Attrs, CompositeOp, ContractAttrs, Op, Rules, Spec } from "../graph/op.ts";
import * as reference from "../graph/reference.ts";
import type { Tensor } from "../graph/tensor.ts";

// How far off rounding may bring a result: the reference, run again with every op off by a few ulps at random. What
// cancels or is ill-conditioned spreads in these runs as it does on a device; what is merely wrong on a device doesn't.

/** 2⁻²⁴, the relative error of one rounding to float32. */
const UNIT = 2 ** -24;

/**
 * The reference with errors: each number that an op makes is off by up to `ulps` roundings; a sum of K terms by √K
 * times that, of the sum of their magnitudes. `random` draws from [0, 1).
 */
export function evaluateRounded(random: () => number, ulps: number): Evaluate<HostArray> {
  const error = () => (2 * random() - 1) * ulps * UNIT;
  const evaluate: Evaluate<HostArray> = (op, inputs, specs, attrs, out) => {
    if (op.kind === "composite") return evaluateComposite(op, inputs, specs, attrs, evaluate);
    const rules: Rules = op;
    const y = rules.cpu(inputs, specs, attrs, out, reference);
    if (!isFloat(out.dtype) || op.kind === "movement") return y;
    const scale = magnitudes(op, y, inputs, specs, attrs, out);
    return Float64Array.from(y, (v, i) => (Number.isFinite(v) ? v + error() * scale[i] : v));
  };
  return evaluate;
}

/** What the errors of an op are relative to. */
function magnitudes(
  op: Op,
  y: HostArray,
  inputs: readonly HostArray[],
  specs: readonly Spec[],
  attrs: Attrs,
  out: Tensor,
): ArrayLike<number> {
  const folds = op.kind === "reduce" || op.kind === "contract";
  if (!folds) return y;
  const rules: Rules = op;
  const sums = rules.cpu(
    inputs.map((x) => x.map(Math.abs)),
    specs,
    attrs,
    out,
    reference,
  );
  const root = Math.sqrt(termsOf(op, specs, attrs, out));
  return Float64Array.from(sums, (s) => s * root);
}

/** How many terms each sum has. */
function termsOf(op: Op, [{ shape }]: readonly Spec[], attrs: Attrs, out: Tensor): number {
  if (op.kind === "contract") return shape.at((attrs as ContractAttrs).transposeA ? -2 : -1)!;
  return sizeOf(shape) / Math.max(1, out.size);
}

function evaluateComposite(
  op: CompositeOp,
  inputs: readonly HostArray[],
  specs: readonly Spec[],
  attrs: Attrs,
  evaluate: Evaluate<HostArray>,
): HostArray {
  const xs = specs.map(placeholder);
  const y = op.decompose(xs, attrs);
  const leaf = ({ source }: Tensor): HostArray => {
    if (source?.kind === "constant") return source.data;
    if (source?.kind === "input") return inputs[source.position];
    throw new Error(`rounded: ${op.name} decomposes into what it was not given`);
  };
  return interpret([y], leaf, evaluate)[0];
}
