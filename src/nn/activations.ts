import type { Tensor } from "../graph/tensor.ts";
import {
  celu as celuOp,
  elu as eluOp,
  gelu as geluOp,
  hardShrink as hardShrinkOp,
  hardSigmoid as hardSigmoidOp,
  hardSwish as hardSwishOp,
  hardTanh as hardTanhOp,
  leakyRelu as leakyReluOp,
  logSigmoid as logSigmoidOp,
  mish as mishOp,
  relu as reluOp,
  relu6 as relu6Op,
  selu as seluOp,
  sigmoid as sigmoidOp,
  silu as siluOp,
  softplus as softplusOp,
  softShrink as softShrinkOp,
  softsign as softsignOp,
  step as stepOp,
  swish as swishOp,
  tanh as tanhOp,
} from "../ops/activations.ts";
import { softmax as softmaxOp, logSoftmax as logSoftmaxOp } from "../ops/softmax.ts";
import { sin as sinOp, sinc as sincOp } from "../ops/trigonometric.ts";
import { mul } from "../ops/arithmetic.ts";
import { Module } from "./module.ts";

/** A function without weights as a module. */
export class Activation extends Module {
  readonly #f: (x: Tensor) => Tensor;

  constructor(f: (x: Tensor) => Tensor) {
    super();
    this.#f = f;
  }

  forward(x: Tensor): Tensor {
    return this.#f(x);
  }
}

/** A function of a tensor and constants as a function of the constants that gives a module. */
export const activation =
  <P extends unknown[]>(f: (x: Tensor, ...constants: P) => Tensor) =>
  (...constants: P): Activation =>
    new Activation((x) => f(x, ...constants));

// Each takes the constants of the op of its name.
export const celu = activation(celuOp);
export const elu = activation(eluOp);
export const gelu = activation(geluOp);
export const hardShrink = activation(hardShrinkOp);
export const hardSigmoid = activation(hardSigmoidOp);
export const hardSwish = activation(hardSwishOp);
export const hardTanh = activation(hardTanhOp);
export const leakyRelu = activation(leakyReluOp);
export const logSigmoid = activation(logSigmoidOp);
export const logSoftmax = activation(logSoftmaxOp);
export const mish = activation(mishOp);
export const relu = activation(reluOp);
export const relu6 = activation(relu6Op);
export const selu = activation(seluOp);
export const sigmoid = activation(sigmoidOp);
export const silu = activation(siluOp);
export const sin = activation(sinOp);
export const sinc = activation(sincOp);
export const softmax = activation(softmaxOp);
export const softplus = activation(softplusOp);
export const softShrink = activation(softShrinkOp);
export const softsign = activation(softsignOp);
export const step = activation(stepOp);
export const swish = activation(swishOp);
export const tanh = activation(tanhOp);

/** sin(w0 x), the activation of a SIREN. */
export const sine = activation((x: Tensor, w0: number = 30) => sinOp(mul(x, w0)));
