import { checkOptions } from "../base/options.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Variable } from "../graph/variable.ts";
import { add, div, maximum, mul, neg, sqrt, square, sub } from "../ops/arithmetic.ts";
import { expm1 } from "../ops/exponential.ts";
import { decayed } from "./decay.ts";
import { Optimizer, optimizerOptions, type OptimizerOptions } from "./optimizer.ts";
import type { Schedule } from "./schedules.ts";

/** How `optim.adam` and `optim.adamw` move parameters. */
export interface AdamOptions extends OptimizerOptions {
  /** 10⁻³ by default. */
  learningRate?: number | Schedule;
  /** How much of the average gradient is kept; 0.9 by default. */
  beta1?: number;
  /** How much of the average square is kept; 0.999 by default. */
  beta2?: number;
  /** Added to the root; 10⁻⁸ by default. */
  epsilon?: number;
  /** adam: times p, added to the gradient; adamw: times λ p, taken from the parameter (0.01 by default there). */
  weightDecay?: number;
  /** Divides by the largest average square so far. Reddi, Kale, Kumar 2018. */
  amsgrad?: boolean;
}

/**
 * p − λ m̂/(√v̂ + ε) with the averages m of g and v of g², each divided by 1 − βᵗ for having started from 0.
 * Kingma, Ba: "Adam: a method for stochastic optimization", 2014.
 * @param parameters those of a model: `model.parameters()`
 * @param options learning rate, averages, weight decay and clipping
 * @returns the optimizer
 * @throws ValueError where an option is out of range
 */
export const adam = (parameters: readonly Variable[], options: AdamOptions = {}): Optimizer =>
  build("adam", parameters, options, false);

/**
 * Adam with the weight decay apart from the gradient: p − λ w p − λ m̂/(√v̂ + ε). Loshchilov, Hutter 2017.
 * @param parameters those of a model: `model.parameters()`
 * @param options learning rate, averages, weight decay and clipping
 * @returns the optimizer
 * @throws ValueError where an option is out of range
 */
export const adamw = (parameters: readonly Variable[], options: AdamOptions = {}): Optimizer =>
  build("adamw", parameters, options, true);

/** 1 − βᵗ, in which nothing cancels for β near 1. */
const correction = (beta: number, t: Tensor) => neg(expm1(mul(t, Math.log(beta))));

function build(
  name: string,
  parameters: readonly Variable[],
  options: AdamOptions,
  decoupled: boolean,
): Optimizer {
  checkOptions(name, options, [
    ...optimizerOptions,
    "beta1",
    "beta2",
    "epsilon",
    "weightDecay",
    "amsgrad",
  ]);
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { weightDecay = decoupled ? 0.01 : 0, amsgrad } = options;
  return new Optimizer(
    {
      name,
      state: { firstMoment: 0, secondMoment: 0, ...(amsgrad && { largestMoment: 0 }) },
      update({ t, learningRate: rate }) {
        const size = div(rate, correction(beta1, t));
        const root = sqrt(correction(beta2, t));
        const shrink = sub(1, mul(rate, weightDecay));
        return (p, gradient, { firstMoment, secondMoment, largestMoment }) => {
          const g = decoupled ? gradient : decayed(gradient, p, weightDecay);
          const m = add(mul(firstMoment, beta1), mul(g, 1 - beta1));
          const v = add(mul(secondMoment, beta2), mul(square(g), 1 - beta2));
          const largest = amsgrad ? maximum(largestMoment, v) : v;
          const denominator = add(div(sqrt(largest), root), epsilon);
          const start = decoupled ? mul(p, shrink) : p;
          return {
            parameter: sub(start, mul(size, div(m, denominator))),
            firstMoment: m,
            secondMoment: v,
            ...(amsgrad && { largestMoment: largest }),
          };
        };
      },
    },
    parameters,
    { ...options, learningRate },
  );
}
