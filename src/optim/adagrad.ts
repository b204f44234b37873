import { checkOptions } from "../base/options.ts";
import type { Variable } from "../graph/variable.ts";
import { add, div, mul, sqrt, square, sub } from "../ops/arithmetic.ts";
import { decayed } from "./decay.ts";
import { Optimizer, optimizerOptions, type OptimizerOptions } from "./optimizer.ts";
import type { Schedule } from "./schedules.ts";

/** How `optim.adagrad` moves parameters. */
export interface AdagradOptions extends OptimizerOptions {
  /** 0.01 by default. */
  learningRate?: number | Schedule;
  /** The learning rate is divided by 1 + (t − 1) times this. */
  learningRateDecay?: number;
  /** Added to the root; 10⁻¹⁰ by default. */
  epsilon?: number;
  /** Times p, added to the gradient. */
  weightDecay?: number;
  /** What the sums of squares start from. */
  initialSum?: number;
}

/**
 * p − λ g/(√Σ g² + ε), the sum over all steps. Duchi, Hazan, Singer 2011.
 * @param parameters those of a model: `model.parameters()`
 * @param options learning rate, its decay, weight decay and clipping
 * @returns the optimizer
 * @throws ValueError where an option is out of range
 */
export function adagrad(parameters: readonly Variable[], options: AdagradOptions = {}): Optimizer {
  checkOptions("adagrad", options, [
    ...optimizerOptions,
    "learningRateDecay",
    "epsilon",
    "weightDecay",
    "initialSum",
  ]);
  const { learningRate = 0.01, learningRateDecay = 0, epsilon = 1e-10 } = options;
  const { weightDecay = 0, initialSum = 0 } = options;
  return new Optimizer(
    {
      name: "adagrad",
      state: { squares: initialSum },
      update({ t, learningRate: rate }) {
        const size =
          learningRateDecay === 0 ? rate : div(rate, add(mul(sub(t, 1), learningRateDecay), 1));
        return (p, gradient, { squares }) => {
          const g = decayed(gradient, p, weightDecay);
          const sum = add(squares, square(g));
          const move = div(g, add(sqrt(sum), epsilon));
          return { parameter: sub(p, mul(size, move)), squares: sum };
        };
      },
    },
    parameters,
    { ...options, learningRate },
  );
}
