import { checkInstance } from "../base/describe-value.ts";
import { ShapeError } from "../base/errors.ts";
import { show } from "../base/shape.ts";
import { compile } from "../compile/compile.ts";
import { Tensor } from "../graph/tensor.ts";
import type { Layer } from "../nn/module.ts";
import { stack } from "../ops/concat.ts";
import { reshape } from "../ops/movement.ts";
import type { Optimizer } from "../optim/optimizer.ts";

/** A scalar from predictions and targets. */
export type Criterion = (predictions: Tensor, targets: Tensor) => Tensor;

/** What is done with a batch; gives a vector of the loss and then the metrics. */
export type BatchStep = (x: Tensor, y: Tensor) => Tensor;

/** A step of training and one of validation, compiled. */
export function stepsOf(
  model: Layer,
  optimizer: Optimizer,
  loss: Criterion,
  metrics: readonly (readonly [name: string, metric: Criterion])[],
): { train: BatchStep; validate: BatchStep } {
  const judge = (x: Tensor, y: Tensor) => {
    const predictions = model.forward(x);
    const own = scalarOf("the loss", loss(predictions, y));
    const others = metrics.map(([name, metric]) => scalarOf(name, metric(predictions, y)));
    return { own, all: stack([own, ...others]) };
  };
  return {
    train: compile(function trainingStep(x: Tensor, y: Tensor) {
      const { own, all } = judge(x, y);
      optimizer.minimize(own);
      return all;
    }),
    validate: compile(function validationStep(x: Tensor, y: Tensor) {
      return judge(x, y).all;
    }),
  };
}

/** A loss or metric without axes. */
function scalarOf(name: string, x: Tensor): Tensor {
  checkInstance("fit", x, Tensor, `${name} to be a tensor`);
  if (x.size === 1) return reshape(x, []);
  throw new ShapeError(
    `fit: ${name} has shape ${show(x.shape)} and is not a scalar; reduce it, as in x.mean()`,
  );
}
