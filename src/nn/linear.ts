import { ShapeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkShape } from "../base/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { withTrace } from "../graph/trace.ts";
import { Variable } from "../graph/variable.ts";
import { add } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { Module } from "./module.ts";
import { byFanIn, checkInitializers, startValue, type StartValues } from "./start-values.ts";

/** Whether a linear layer has a bias, and how it starts. */
export interface LinearOptions extends StartValues {
  /** Whether b is added; true by default. */
  bias?: boolean;
}

/** Throws where the sizes or options of a linear layer are none, for the function of the user's that `name` names. */
export function checkLinear(
  name: string,
  inputs: number,
  outputs: number,
  options: LinearOptions,
): void {
  checkShape(name, [inputs, outputs]);
  if (inputs === 0) throw new ShapeError(`${name}: there are no inputs to weigh`);
  checkInitializers(name, options);
}

/** y = x W + b on the last axis of x. */
export class Linear extends Module {
  /** [in, out] */
  readonly weight: Variable;
  /** [out] */
  readonly bias: Variable | null;

  /**
   * @param inputs the length of the last axis of x
   * @param outputs the length of the last axis of y
   * @param options the bias and the start values
   * @throws ShapeError where a size is none
   */
  constructor(inputs: number, outputs: number, options: LinearOptions = {}) {
    super();
    checkOptions("linear", options, ["bias", "weightInit", "biasInit"]);
    checkLinear("linear", inputs, outputs, options);
    const even = byFanIn(inputs);
    const { bias = true, weightInit = even, biasInit = even } = options;
    // A module made while a function is traced has weights that outlast the trace.
    [this.weight, this.bias] = withTrace(null, () => [
      new Variable(startValue("linear", "weightInit", weightInit, [inputs, outputs])),
      bias ? new Variable(startValue("linear", "biasInit", biasInit, [outputs])) : null,
    ]);
  }

  /**
   * x W + b.
   * @param x float32 [..., inputs]
   * @returns float32 [..., outputs]
   */
  forward(x: Tensor): Tensor {
    const y = matmul(x, this.weight);
    return this.bias ? add(y, this.bias) : y;
  }
}

/**
 * A dense layer y = x W + b from x [..., inputs] to y [..., outputs], with W [inputs, outputs] and b [outputs].
 * @param inputs the length of the last axis of x
 * @param outputs the length of the last axis of y
 * @param options the bias and the start values
 * @throws ShapeError where a size is none
 * @returns the layer
 */
export const linear = (inputs: number, outputs: number, options?: LinearOptions): Linear =>
  new Linear(inputs, outputs, options);
