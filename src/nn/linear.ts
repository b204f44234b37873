import { checkInstance, describeValue } from "../base/describe-value.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkShape, sameShape, show, type Shape } from "../base/shape.ts";
import { Tensor } from "../graph/tensor.ts";
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

/** Throws where the sizes or options of a linear layer are none, for the function of the user's that `name` names. */
export function checkLinear(
  name: string,
  inputs: number,
  outputs: number,
  { weightInit, biasInit }: LinearOptions,
): void {
  checkShape(name, [inputs, outputs]);
  if (inputs === 0) throw new ShapeError(`${name}: there are no inputs to weigh`);
  for (const [option, init] of Object.entries({ weightInit, biasInit })) {
    if (init === undefined) continue;
    checkInstance(name, init, Function, `${option}, an initializer, as nn.init.zeros()`);
  }
}

/** The start values that an option asks for. */
function initial(option: string, init: Initializer, shape: Shape): Tensor {
  const value: unknown = init(shape);
  if (value instanceof Tensor && sameShape(value.shape, shape)) return value;
  if (value instanceof Tensor) {
    throw new ShapeError(`linear: ${option} gave ${show(value.shape)}, not ${show(shape)}`);
  }
  const hint = typeof value === "function" ? "; call it, as nn.init.zeros()" : "";
  throw new ArgumentError(
    `linear: ${option} gave ${describeValue(value)} instead of a tensor${hint}`,
  );
}

/** y = x W + b on the last axis of x. */
export class Linear extends Module {
  /** [in, out] */
  readonly weight: Variable;
  /** [out] */
  readonly bias: Variable | null;

  constructor(inputs: number, outputs: number, options: LinearOptions = {}) {
    super();
    checkOptions("linear", options, ["bias", "weightInit", "biasInit"]);
    checkLinear("linear", inputs, outputs, options);
    const limit = 1 / Math.sqrt(inputs);
    const even = uniform(-limit, limit);
    const { bias = true, weightInit = even, biasInit = even } = options;
    // A module made while a function is traced has weights that outlast the trace.
    [this.weight, this.bias] = withTrace(null, () => [
      variable(initial("weightInit", weightInit, [inputs, outputs])),
      bias ? variable(initial("biasInit", biasInit, [outputs])) : null,
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
