import { compile, tensor, type Tensor } from "cotangent";
import { adam, sgd } from "cotangent/optim";
import type { Module } from "cotangent/nn";
import type { Trainer, Training, Values } from "../library.ts";

export const tensorOf = ({ values, shape }: Values) => tensor(values, shape);

/** Trains what `model` computes by its mean loss, on one batch. */
export function trainerOf(
  training: Training,
  model: Module & { forward(x: Tensor): Tensor },
  lossOf: (outputs: Tensor, y: Tensor) => Tensor,
): Trainer {
  const { learningRate } = training;
  const make = training.optimizer === "sgd" ? sgd : adam;
  const optimizer = make(model.parameters(), { learningRate });

  const step = compile((x: Tensor, y: Tensor) => {
    const loss = lossOf(model.forward(x), y);
    optimizer.minimize(loss);
    return loss;
  });

  const [x, y] = [tensorOf(training.x), tensorOf(training.y)];
  let losses: Tensor;
  return {
    step: () => {
      losses = step(x, y);
    },
    repeat: (steps) => {
      losses = step.repeat(steps)(x, y);
    },
    loss: async () => (await losses.data()).at(-1) ?? NaN,
  };
}

/** The options of a layer that starts from this weight and this bias. */
export const startingFrom = (weight: Values, bias: Values) => ({
  weightInit: () => tensorOf(weight),
  biasInit: () => tensorOf(bias),
});
