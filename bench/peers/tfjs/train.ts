import "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import * as tf from "@tensorflow/tfjs-core";
import { initialParameters, type Network, type Trainer } from "../../library.ts";

export async function open(): Promise<void> {
  if (!(await tf.setBackend("webgpu"))) throw new Error("TensorFlow.js found no WebGPU");
  await tf.ready();
}

export function train(network: Network): Trainer {
  const { sizes, batch, learningRate } = network;
  const activation = network.activation === "tanh" ? tf.tanh : tf.relu;
  const parameters = initialParameters(network).map(({ values, shape }) =>
    tf.variable(tf.tensor(values, shape)),
  );
  const optimizer =
    network.optimizer === "sgd"
      ? tf.train.sgd(learningRate)
      : tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
  const x = tf.tensor(network.x, [batch, sizes[0]]);
  const y = tf.tensor(network.y, [batch, sizes[sizes.length - 1]]);

  const lossOf = (): tf.Tensor => {
    let z = x;
    for (let i = 0; i < parameters.length; i += 2) {
      if (i > 0) z = activation(z);
      z = tf.add(tf.matMul(z, parameters[i]), parameters[i + 1]);
    }
    return network.loss === "mse"
      ? tf.losses.meanSquaredError(y, z)
      : tf.losses.softmaxCrossEntropy(y, z);
  };

  let loss: tf.Tensor | null = null;
  return {
    step: () => {
      loss?.dispose();
      loss = optimizer.minimize(lossOf, true);
    },
    loss: async () => (loss ? (await loss.data())[0] : NaN),
  };
}
