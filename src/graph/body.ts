import { applyAll } from "./build.ts";
import { ordered, type Tensor } from "./tensor.ts";

/** A function that an application is given: a graph closed but for its inputs. */
export interface Body {
  /** Equal for equal graphs. */
  readonly key: string;
  /** Placeholders. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** The outputs of a body for certain inputs, as new nodes. */
export function instantiate({ inputs, outputs }: Body, given: readonly Tensor[]): Tensor[] {
  const made = new Map(inputs.map((x, i) => [x, given[i]] as const));
  for (const x of ordered(outputs, (node) => node.inputs)) {
    if (made.has(x)) continue;
    const { application } = x;
    if (!application) {
      made.set(x, x);
      continue;
    }
    const { op, attrs, bodies } = application;
    const results = applyAll(
      op,
      application.inputs.map((y) => made.get(y)!),
      attrs,
      bodies,
    );
    application.results.forEach((y, i) => made.set(y, results[i]));
  }
  return outputs.map((x) => made.get(x)!);
}
