import { ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import type { Variable } from "../graph/variable.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import { equal, where } from "../ops/compare.ts";
import { Optimizer, optimizerOptions, type OptimizerOptions, type Update } from "./optimizer.ts";
import { decayed } from "./decay.ts";
import type { Schedule } from "./schedules.ts";

/** How `optim.sgd` moves parameters. */
export interface SgdOptions extends OptimizerOptions {
  /** 0.01 by default. */
  learningRate?: number | Schedule;
  /** The factor μ on the moving sum of gradients; 0 by default. */
  momentum?: number;
  /** The part d of the gradient that is left out of the momentum; 0 by default. */
  dampening?: number;
  /** Whether the step looks ahead along the momentum; false by default. */
  nesterov?: boolean;
  /** Times p, added to the gradient; 0 by default. */
  weightDecay?: number;
}

/**
 * Gradient descent: p − λ g, with momentum p − λ m for m = μ m + (1 − d) g, which starts as g; Nesterov's form is
 * p − λ (g + μ m). Sutskever, Martens, Dahl, Hinton 2013, in PyTorch's form.
 * @param parameters those of a model: `model.parameters()`
 * @param options learning rate, momentum, weight decay and clipping
 * @returns the optimizer
 * @throws ValueError where an option is out of range, or there is no momentum for nesterov or dampening to be about
 */
export function sgd(parameters: readonly Variable[], options: SgdOptions = {}): Optimizer {
  checkOptions("sgd", options, [
    ...optimizerOptions,
    "momentum",
    "dampening",
    "nesterov",
    "weightDecay",
  ]);
  const {
    learningRate = 0.01,
    momentum = 0,
    dampening = 0,
    nesterov = false,
    weightDecay = 0,
  } = options;
  if (momentum === 0 && (nesterov || dampening > 0)) {
    throw new ValueError("sgd: nesterov and dampening take a momentum, which is 0");
  }
  return new Optimizer(
    {
      name: "sgd",
      state: momentum === 0 ? {} : { momentum: 0 },
      update({ t, learningRate: rate }) {
        const part = dampening === 0 ? 1 : where(equal(t, 1), 1, 1 - dampening);
        return (p, gradient, { momentum: last }): Update => {
          const g = decayed(gradient, p, weightDecay);
          if (momentum === 0) return { parameter: sub(p, mul(rate, g)) };
          const m = add(mul(last, momentum), part === 1 ? g : mul(g, part));
          const direction = nesterov ? add(g, mul(m, momentum)) : m;
          return { parameter: sub(p, mul(rate, direction)), momentum: m };
        };
      },
    },
    parameters,
    { ...options, learningRate },
  );
}
