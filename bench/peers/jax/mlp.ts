import { nn, numpy as np } from "@jax-js/jax";
import type { Trains } from "../../library.ts";
import { crossEntropyOf, trainerOf } from "./trainer.ts";

export { open } from "./open.ts";

const activations = { relu: nn.relu, tanh: np.tanh, gelu: nn.gelu };

export const mlp: Trains<"mlp"> = (network) => {
  const activation = activations[network.activation];
  return trainerOf(network, (p, x, y) => {
    let z = x;
    for (let i = 0; i < p.length; i += 2) {
      if (i > 0) z = activation(z);
      z = np.matmul(z, p[i]).add(p[i + 1]);
    }
    return network.loss === "mse"
      ? np.square(z.sub(y)).mean()
      : crossEntropyOf(z, y, network.y.shape[0]);
  });
};
