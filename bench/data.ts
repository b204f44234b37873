import type { Network, Product } from "./library.ts";

/** Numbers spread evenly over [−limit, limit), the same at every call: a linear congruential generator. */
export function noise(length: number, limit: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    // Numerical Recipes' constants.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state / 2 ** 32) * 2 - 1) * limit;
  });
}

const layersOf = (sizes: readonly number[]) =>
  sizes.slice(1).map((outputs, i) => {
    const limit = 1 / Math.sqrt(sizes[i]);
    return {
      weight: noise(sizes[i] * outputs, limit, 2 * i + 1),
      bias: noise(outputs, limit, 2 * i + 2),
    };
  });

/** A classifier of 28 × 28 pixels: the i-th sample is of class i mod 10. */
export function classifier(batch: number): Network {
  const sizes = [784, 256, 128, 10];
  const y = new Float32Array(batch * 10);
  for (let i = 0; i < batch; i++) y[i * 10 + (i % 10)] = 1;
  return {
    name: `MLP ${sizes.join("-")}, batch ${batch}`,
    sizes,
    activation: "relu",
    loss: "softmaxCrossEntropy",
    optimizer: "adam",
    learningRate: 1e-3,
    batch,
    x: noise(batch * 784, 1, 11).map(Math.abs),
    y,
    layers: layersOf(sizes),
  };
}

/** A tiny net that learns the product of its two inputs. */
export function tinyNet(): Network {
  const sizes = [2, 16, 16, 1];
  const batch = 64;
  const x = noise(batch * 2, 1, 12);
  return {
    name: `tiny net ${sizes.join("-")}`,
    sizes,
    activation: "tanh",
    loss: "mse",
    optimizer: "sgd",
    learningRate: 0.05,
    batch,
    x,
    y: Float32Array.from({ length: batch }, (_, i) => x[2 * i] * x[2 * i + 1]),
    layers: layersOf(sizes),
  };
}

/** Matrices of variance 1/n, so that long chains of products stay of one size. */
export const product = (n: number, transposeA: boolean, transposeX: boolean): Product => ({
  n,
  transposeA,
  transposeX,
  a: noise(n * n, Math.sqrt(3 / n), 13),
  x: noise(n * n, Math.sqrt(3 / n), 14),
});
