import { ShapeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkShape } from "../base/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { withTrace } from "../graph/trace.ts";
import type { Variable } from "../graph/variable.ts";
import { add } from "../ops/arithmetic.ts";
import { variable } from "../ops/create.ts";
import { matmul } from "../ops/matmul.ts";
import { uniform } from "./init.ts";
import type { Initializer } from "./initializer.ts";
import { Module } from "./module.ts";

export interface LinearOptions {
  /** Whether b is added; true by default. */
  bias?: boolean;
  /** By default uniform on ±1/√inputs, as in PyTorch. */
  weightInit?: Initializer;
  /** By default the same. */
  biasInit?: Initializer;
}

/** y = x W + b on the last axis of x. */
export class Linear extends Module {
  /** [in, out] */
  readonly weight: Variable;
  /** [out] */
  readonly bias: Variable | null;

  constructor(inputs: number, outputs: number, options: LinearOptions = {}) {
    super();
    checkShape("linear", [inputs, outputs]);
    if (inputs === 0) throw new ShapeError("linear: there are no inputs to weigh");
    checkOptions("linear", options, ["bias", "weightInit", "biasInit"]);
    const limit = 1 / Math.sqrt(inputs);
    const even = uniform(-limit, limit);
    const { bias = true, weightInit = even, biasInit = even } = options;
    // A module made while a function is traced has weights that outlast the trace.
    [this.weight, this.bias] = withTrace(null, () => [
      variable(weightInit([inputs, outputs])),
      bias ? variable(biasInit([outputs])) : null,
    ]);
  }

  forward(x: Tensor): Tensor {
    const y = matmul(x, this.weight);
    return this.bias ? add(y, this.bias) : y;
  }
}

/** A layer y = x W + b from x [..., inputs] to y [..., outputs], with W [inputs, outputs] and b [outputs]. */
export const linear = (inputs: number, outputs: number, options?: LinearOptions): Linear =>
  new Linear(inputs, outputs, options);
