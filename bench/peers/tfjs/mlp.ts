import * as tf from "@tensorflow/tfjs-core";
import type { Trains } from "../../library.ts";
import { gelu } from "./gelu.ts";
import { tensorOf, trainerOf } from "./trainer.ts";

export { open } from "./open.ts";

const activations = { relu: tf.relu, tanh: tf.tanh, gelu };

export const mlp: Trains<"mlp"> = (network) => {
  const activation = activations[network.activation];
  const parameters = network.parameters.map((p) => tf.variable(tensorOf(p)));
  const [x, y] = [tensorOf(network.x), tensorOf(network.y)];
  return trainerOf(network, () => {
    let z = x;
    for (let i = 0; i < parameters.length; i += 2) {
      if (i > 0) z = activation(z);
      z = tf.add(tf.matMul(z, parameters[i]), parameters[i + 1]);
    }
    return network.loss === "mse"
      ? tf.losses.meanSquaredError(y, z)
      : tf.losses.softmaxCrossEntropy(y, z);
  });
};
