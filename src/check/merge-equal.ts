import { evaluateReal, interpret } from "../backends/cpu/interpret.ts";
import type { HostArray } from "../base/dtype.ts";
import type { Application } from "../graph/application.ts";
import { constantOf } from "../graph/build.ts";
import { applicationText, textKey } from "../graph/canonical.ts";
import type { Tensor } from "../graph/tensor.ts";

/**
 * A graph in which equal applications are one, and what depends on constants alone is a constant, in float64. Of nodes
 * in an order in which inputs come before users, each with its node there; those are numbered in the same order.
 */
export function mergeEqual(order: Iterable<Tensor>): Map<Tensor, Tensor> {
  const known = new Map<string, readonly Tensor[]>();
  const merged = new Map<Tensor, Tensor>();
  const once = (key: string, make: () => readonly Tensor[]) => {
    const results = known.get(key) ?? make();
    known.set(key, results);
    return results;
  };
  for (const x of order) {
    const { application, source } = x;
    if (application) {
      const inputs = application.inputs.map((input) => merged.get(input)!);
      const key = applicationText(
        application,
        inputs.map(({ id }) => id),
      );
      const results = once(key, () => reduced(application.to(inputs)));
      application.results.forEach((y, i) => merged.set(y, results[i]));
    } else if (source?.kind === "constant") {
      const { dtype, shape } = x;
      const [first] = once(`${dtype}[${shape}]=${textKey(source.data)}`, () => [x]);
      merged.set(x, first);
    } else {
      merged.set(x, x);
    }
  }
  return merged;
}

/** The results of an application: constants where it is applied to nothing else. */
function reduced({ inputs, results }: Application): readonly Tensor[] {
  const known = new Map<Tensor, HostArray>();
  for (const { source } of inputs) if (source?.kind !== "constant") return results;
  for (const x of inputs) if (x.source?.kind === "constant") known.set(x, x.source.data);
  const values = interpret(results, (x) => known.get(x)!, evaluateReal("float64"));
  return results.map((y, i) => constantOf(values[i], y));
}
