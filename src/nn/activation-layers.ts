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

  /** @param f what forward does */
  constructor(f: (x: Tensor) => Tensor) {
    super();
    this.#f = f;
  }

  /**
   * The function.
   * @param x what the function takes
   * @returns what the function gives
   */
  forward(x: Tensor): Tensor {
    return this.#f(x);
  }
}

/**
 * A function of a tensor and constants as a function of the constants that gives a module.
 * @param f a function of a tensor, and of constants
 * @returns a function of the constants that gives a layer: `nn.relu` is `activation(relu)`
 */
export const activation =
  <P extends unknown[]>(f: (x: Tensor, ...constants: P) => Tensor) =>
  /**
   * @param constants those of the function, each with its default
   * @returns a layer without parameters
   */
  (...constants: P): Activation =>
    new Activation((x) => f(x, ...constants));

/** The function `celu` as a layer, with its constants. */
export const celu = activation(celuOp);
/** The function `elu` as a layer, with its constants. */
export const elu = activation(eluOp);
/** The function `gelu` as a layer, with its constants. */
export const gelu = activation(geluOp);
/** The function `hardShrink` as a layer, with its constants. */
export const hardShrink = activation(hardShrinkOp);
/** The function `hardSigmoid` as a layer, with its constants. */
export const hardSigmoid = activation(hardSigmoidOp);
/** The function `hardSwish` as a layer, with its constants. */
export const hardSwish = activation(hardSwishOp);
/** The function `hardTanh` as a layer, with its constants. */
export const hardTanh = activation(hardTanhOp);
/** The function `leakyRelu` as a layer, with its constants. */
export const leakyRelu = activation(leakyReluOp);
/** The function `logSigmoid` as a layer, with its constants. */
export const logSigmoid = activation(logSigmoidOp);
/** The function `logSoftmax` as a layer, with its constants. */
export const logSoftmax = activation(logSoftmaxOp);
/** The function `mish` as a layer, with its constants. */
export const mish = activation(mishOp);
/** The function `relu` as a layer, with its constants. */
export const relu = activation(reluOp);
/** The function `relu6` as a layer, with its constants. */
export const relu6 = activation(relu6Op);
/** The function `selu` as a layer, with its constants. */
export const selu = activation(seluOp);
/** The function `sigmoid` as a layer, with its constants. */
export const sigmoid = activation(sigmoidOp);
/** The function `silu` as a layer, with its constants. */
export const silu = activation(siluOp);
/** The function `sin` as a layer, with its constants. */
export const sin = activation(sinOp);
/** The function `sinc` as a layer, with its constants. */
export const sinc = activation(sincOp);
/** The function `softmax` as a layer, with its constants. */
export const softmax = activation(softmaxOp);
/** The function `softplus` as a layer, with its constants. */
export const softplus = activation(softplusOp);
/** The function `softShrink` as a layer, with its constants. */
export const softShrink = activation(softShrinkOp);
/** The function `softsign` as a layer, with its constants. */
export const softsign = activation(softsignOp);
/** The function `step` as a layer, with its constants. */
export const step = activation(stepOp);
/** The function `swish` as a layer, with its constants. */
export const swish = activation(swishOp);
/** The function `tanh` as a layer, with its constants. */
export const tanh = activation(tanhOp);

/**
 * sin(w0 x), the activation of a SIREN.
 * @param constants w0, 30 by default
 */
export const sine = activation((x: Tensor, w0: number = 30) => sinOp(mul(x, w0)));
