import * as tf from "@tensorflow/tfjs-core";

/** x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), which the package does not have. */
export function gelu(x: tf.Tensor): tf.Tensor {
  const cubic = tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(tf.mul(cubic, Math.sqrt(2 / Math.PI))), 1));
}
