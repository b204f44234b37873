import { lax, nn, numpy as np, type Array as JaxArray } from "@jax-js/jax";
import type { Trains } from "../../library.ts";
import { crossEntropyOf, trainerOf } from "./trainer.ts";

export { open } from "./open.ts";

/** The maximum of 2 × 2. */
const pooled = (x: JaxArray) => lax.reduceWindow(x, (window) => window.max(), [2, 2], [2, 2]);

export const cnn: Trains<"cnn"> = (network) => {
  const [batch] = network.y.shape;
  return trainerOf(network, (p, x, y) => {
    let z = x;
    for (const i of [0, 2]) {
      const bias = p[i + 1].reshape([-1, 1, 1]);
      z = pooled(nn.relu(lax.convGeneralDilated(z, p[i], [1, 1], "SAME").add(bias)));
    }
    return crossEntropyOf(np.matmul(z.reshape([batch, -1]), p[4]).add(p[5]), y, batch);
  });
};
