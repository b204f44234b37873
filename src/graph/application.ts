import type { Body } from "./body.ts";
import type { Attrs, Op, Spec } from "./op.ts";
import { Tensor } from "./tensor.ts";

/** An op and what it is applied to: what makes a tensor, or several at once. */
export class Application {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  /** The functions that it is given, as sub-programs. */
  readonly bodies: readonly Body[];
  /** Made here, so that nothing else is numbered between them. */
  readonly results: readonly Tensor[];

  constructor(
    op: Op,
    inputs: readonly Tensor[],
    attrs: Attrs,
    specs: readonly Spec[],
    bodies: readonly Body[] = [],
  ) {
    this.op = op;
    this.inputs = inputs;
    this.attrs = attrs;
    this.bodies = bodies;
    this.results = specs.map((spec) => new Tensor(spec, this));
  }

  /** The same op applied to other inputs of the same shapes and dtypes. */
  to(inputs: readonly Tensor[]): Application {
    return new Application(this.op, inputs, this.attrs, this.results, this.bodies);
  }
}
