import { isFloat, type HostArray } from "../base/dtype.ts";
import { sizeOf } from "../base/shape.ts";
import { evaluateParts, type Evaluate } from "../backends/cpu/interpret.ts";
import { referenceOf } from "../backends/cpu/reference-rules.ts";
import type { Application } from "../graph/application.ts";
import type { ContractAttrs, ScanAttrs } from "../graph/op.ts";
import * as reference from "../graph/reference.ts";

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
  const evaluate: Evaluate<HostArray> = (application, inputs) => {
    const { op, inputs: specs, attrs, results } = application;
    if (op.kind === "composite")
      return evaluateParts(application, inputs, (data) => data, evaluate);
    const found = referenceOf(op).cpu!(inputs, specs, attrs, results, reference);
    if (op.kind === "movement") return found;
    const scales = magnitudes(application, found, inputs);
    return found.map((y, k) =>
      isFloat(results[k].dtype)
        ? Float64Array.from(y, (v, i) => (Number.isFinite(v) ? v + error() * scales[k][i] : v))
        : y,
    );
  };
  return evaluate;
}

/** What the errors of the results of an op are relative to. */
function magnitudes(
  application: Application,
  found: readonly HostArray[],
  inputs: readonly HostArray[],
): readonly ArrayLike<number>[] {
  const { op, inputs: specs, attrs, results } = application;
  const isSum = op.kind === "reduce" || op.kind === "scan" || op.kind === "contract";
  if (!isSum) return found;
  const sums = referenceOf(op).cpu!(
    inputs.map((x) => x.map(Math.abs)),
    specs,
    attrs,
    results,
    reference,
  );
  const root = Math.sqrt(termsOf(application));
  return sums.map((own) => Float64Array.from(own, (s) => s * root));
}

/** How many terms each sum has. */
function termsOf({ op, inputs: [{ shape }], attrs, results }: Application): number {
  if (op.kind === "contract") return shape.at((attrs as ContractAttrs).transposeA ? -2 : -1)!;
  if (op.kind === "scan") return shape[(attrs as ScanAttrs).axis];
  return sizeOf(shape) / Math.max(1, results[0].size);
}
