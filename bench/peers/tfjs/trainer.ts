import * as tf from "@tensorflow/tfjs-core";
import type { Trainer, Training, Values } from "../../library.ts";

export const tensorOf = ({ values, shape }: Values) => tf.tensor(values, shape);

/** Trains parameters by the loss that is made of them. */
export function trainerOf({ optimizer, learningRate }: Training, lossOf: () => tf.Tensor): Trainer {
  const optimizing =
    optimizer === "sgd"
      ? tf.train.sgd(learningRate)
      : tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
  let loss: tf.Tensor | null = null;
  return {
    step: () => {
      loss?.dispose();
      loss = optimizing.minimize(lossOf, true);
    },
    loss: async () => (loss ? (await loss.data())[0] : NaN),
  };
}
