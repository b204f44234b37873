import * as tf from "@tensorflow/tfjs-core";
import type { Trains } from "../../library.ts";
import { tensorOf, trainerOf } from "./trainer.ts";

export { open } from "./open.ts";

// Images are [batch, height, width, channels] here, and weights [3, 3, in, out].

export const cnn: Trains<"cnn"> = (network) => {
  const [first, firstBias, second, secondBias, dense, bias] = network.parameters.map(tensorOf);
  const channels = second.shape[0];
  const size = Math.sqrt(dense.shape[0] / channels);
  // The dense layer's inputs are in another order.
  const turned = tf.transpose(tf.reshape(dense, [channels, size, size, -1]), [1, 2, 0, 3]);
  const kernel = (weight: tf.Tensor) => tf.variable(tf.transpose(weight, [2, 3, 1, 0]));
  const parameters = {
    first: kernel(first),
    firstBias: tf.variable(firstBias),
    second: kernel(second),
    secondBias: tf.variable(secondBias),
    dense: tf.variable(tf.reshape(turned, dense.shape)),
    bias: tf.variable(bias),
  };
  const x = tf.transpose(tensorOf(network.x), [0, 2, 3, 1]);
  const y = tensorOf(network.y);
  const [batch] = y.shape;
  const layer = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) =>
    tf.maxPool(tf.relu(tf.add(tf.conv2d(x, weight, 1, "same"), bias)), 2, 2, "valid");
  return trainerOf(network, () => {
    const z = layer(
      layer(x, parameters.first, parameters.firstBias),
      parameters.second,
      parameters.secondBias,
    );
    const logits = tf.matMul(tf.reshape(z, [batch, -1]), parameters.dense);
    return tf.losses.softmaxCrossEntropy(y, tf.add(logits, parameters.bias));
  });
};
