import { checkOptions } from "../base/options.ts";
import type { Variable } from "../graph/variable.ts";
import { add, div, maximum, mul, sqrt, square, sub } from "../ops/arithmetic.ts";
import { decayed } from "./decay.ts";
import { Optimizer, optimizerOptions, type OptimizerOptions, type Update } from "./optimizer.ts";
import type { Schedule } from "./schedules.ts";

/** How `optim.rmsprop` moves parameters. */
export interface RmspropOptions extends OptimizerOptions {
  /** 0.01 by default. */
  learningRate?: number | Schedule;
  /** How much of the average square is kept; 0.99 by default. */
  alpha?: number;
  /** Added to the root; 10⁻⁸ by default. */
  epsilon?: number;
  /** The factor on the moving sum of updates; 0 by default. */
  momentum?: number;
  /** Divides by the standard deviation instead of the root of the average square; false by default. */
  centered?: boolean;
  /** Times p, added to the gradient; 0 by default. */
  weightDecay?: number;
}

/**
 * p − λ g/(√v + ε) with the average v of g², less the square of the average g where centered.
 * Tieleman, Hinton: Lecture 6.5, 2012; centered: Graves 2013.
 * @param parameters those of a model: `model.parameters()`
 * @param options learning rate, averages, momentum, weight decay and clipping
 * @returns the optimizer
 * @throws ValueError where an option is out of range
 */
export function rmsprop(parameters: readonly Variable[], options: RmspropOptions = {}): Optimizer {
  checkOptions("rmsprop", options, [
    ...optimizerOptions,
    "alpha",
    "epsilon",
    "momentum",
    "centered",
    "weightDecay",
  ]);
  const { learningRate = 0.01, alpha = 0.99, epsilon = 1e-8 } = options;
  const { momentum = 0, centered = false, weightDecay = 0 } = options;
  return new Optimizer(
    {
      name: "rmsprop",
      state: {
        secondMoment: 0,
        ...(centered && { firstMoment: 0 }),
        ...(momentum > 0 && { momentum: 0 }),
      },
      update:
        ({ learningRate: rate }) =>
        (p, gradient, state): Update => {
          const g = decayed(gradient, p, weightDecay);
          const v = add(mul(state.secondMoment, alpha), mul(square(g), 1 - alpha));
          const kept: Record<string, typeof p> = { secondMoment: v };
          let spread = v;
          if (centered) {
            const m = add(mul(state.firstMoment, alpha), mul(g, 1 - alpha));
            kept.firstMoment = m;
            // Never negative but by rounding.
            spread = maximum(sub(v, square(m)), 0);
          }
          let move = div(g, add(sqrt(spread), epsilon));
          if (momentum > 0) {
            move = add(mul(state.momentum, momentum), move);
            kept.momentum = move;
          }
          return { parameter: sub(p, mul(rate, move)), ...kept };
        },
    },
    parameters,
    { ...options, learningRate },
  );
}
