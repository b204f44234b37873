import type { Block, Cnn, Mlp, Network, Product, Task, Values } from "./library.ts";

/** Numbers spread evenly over [−limit, limit), the same at every call: a linear congruential generator. */
function noise(length: number, limit: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    // Numerical Recipes' constants.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state / 2 ** 32) * 2 - 1) * limit;
  });
}

const values = (shape: number[], limit: number, seed: number): Values => ({
  values: noise(
    shape.reduce((a, b) => a * b, 1),
    limit,
    seed,
  ),
  shape,
});

/** A weight of this shape and a bias for each output, as `fanIn` inputs ask for. */
const layer = (shape: number[], outputs: number, fanIn: number, seed: number): Values[] => [
  values(shape, 1 / Math.sqrt(fanIn), 2 * seed + 1),
  values([outputs], 1 / Math.sqrt(fanIn), 2 * seed + 2),
];

const denseLayers = (sizes: readonly number[]) =>
  sizes.slice(1).flatMap((outputs, i) => layer([sizes[i], outputs], outputs, sizes[i], i));

const pixels = (shape: number[]): Values => {
  const { values: drawn } = values(shape, 1, 11);
  return { values: drawn.map(Math.abs), shape };
};

/** The i-th sample is of class i mod 10. */
function classes(batch: number): Values {
  const values = new Float32Array(batch * 10);
  for (let i = 0; i < batch; i++) values[i * 10 + (i % 10)] = 1;
  return { values, shape: [batch, 10] };
}

const digitSizes = [784, 256, 128, 10];

/** A classifier of 28 × 28 pixels. */
export const classifier = (batch: number): Mlp => ({
  kind: "mlp",
  activation: "relu",
  loss: "softmaxCrossEntropy",
  optimizer: "adam",
  learningRate: 1e-3,
  parameters: denseLayers(digitSizes),
  x: pixels([batch, 784]),
  y: classes(batch),
});

/** A tiny net that learns the product of its two inputs. */
export function tinyNet(how: Pick<Mlp, "activation" | "optimizer" | "learningRate">): Mlp {
  const batch = 64;
  const x = values([batch, 2], 1, 12);
  const y = Float32Array.from({ length: batch }, (_, i) => x.values[2 * i] * x.values[2 * i + 1]);
  return {
    kind: "mlp",
    loss: "mse",
    ...how,
    parameters: denseLayers([2, 16, 16, 1]),
    x,
    y: { values: y, shape: [batch, 1] },
  };
}

/** A classifier of 28 × 28 pixels by convolutions. */
export const convNet = (batch: number): Cnn => ({
  kind: "cnn",
  optimizer: "adam",
  learningRate: 1e-3,
  parameters: [
    ...layer([16, 1, 3, 3], 16, 9, 0),
    ...layer([32, 16, 3, 3], 32, 16 * 9, 1),
    ...layer([32 * 7 * 7, 10], 10, 32 * 7 * 7, 2),
  ],
  x: pixels([batch, 1, 28, 28]),
  y: classes(batch),
});

/** A transformer block that is four times as wide between up and down. */
export function block(tokens: number, width: number): Block {
  const ones = { values: new Float32Array(width).fill(1), shape: [width] };
  const norm = (seed: number) => [ones, values([width], 0.1, seed)];
  const dense = (inputs: number, outputs: number, seed: number) =>
    layer([inputs, outputs], outputs, inputs, seed);
  return {
    kind: "block",
    heads: 4,
    optimizer: "sgd",
    learningRate: 0.5,
    parameters: [
      ...norm(31),
      ...[0, 1, 2, 3].flatMap((i) => dense(width, width, i)),
      ...norm(32),
      ...dense(width, 4 * width, 4),
      ...dense(4 * width, width, 5),
    ],
    x: values([tokens, width], 1, 15),
    y: values([tokens, width], 1, 16),
  };
}

const tanhBySgd = { activation: "tanh", optimizer: "sgd", learningRate: 0.05 } as const;
const geluByAdam = { activation: "gelu", optimizer: "adam", learningRate: 0.01 } as const;

const TINY = "tiny net 2-16-16-1";

/** The networks that are trained, by name. */
export const networks: Record<string, () => Network> = {
  ...Object.fromEntries(
    [64, 128, 256].map((batch) => [
      `MLP ${digitSizes.join("-")}, batch ${batch}`,
      () => classifier(batch),
    ]),
  ),
  [TINY]: () => tinyNet(tanhBySgd),
  [`${TINY}, gelu, Adam`]: () => tinyNet(geluByAdam),
  "CNN 28x28, batch 32": () => convNet(32),
  "transformer block 128x256": () => block(128, 256),
};

/** Matrices of variance 1/n, so that long chains of products stay of one size. */
export const product = (n: number, transposeA: boolean, transposeX: boolean): Product => ({
  n,
  transposeA,
  transposeX,
  a: noise(n * n, Math.sqrt(3 / n), 13),
  x: noise(n * n, Math.sqrt(3 / n), 14),
});

const MANY = 4 * 2 ** 20;
const rows = () => values([4096, 1024], 4, 17);

const inference = (batch: number): Task => ({
  name: "mlp",
  inputs: [pixels([batch, 784]), ...denseLayers(digitSizes)],
});

/** Symmetric matrices, with more on the diagonal than eigenvalues of what is beside it can take away: positive definite. */
export function definite(count: number, n: number): Values {
  const random = noise(count * n * n, 1, 22);
  const at = (k: number, i: number, j: number) => random[(k * n + i) * n + j];
  const matrices = Float32Array.from({ length: count * n * n }, (_, place) => {
    const [k, i, j] = [Math.floor(place / n / n), Math.floor(place / n) % n, place % n];
    return (at(k, i, j) + at(k, j, i)) / 2 + (i === j ? 2 * Math.sqrt(n) : 0);
  });
  return { values: matrices, shape: count === 1 ? [n, n] : [count, n, n] };
}

/** What is computed without training, by name. */
export const tasks: Record<string, () => Task> = {
  "chain gelu(1.1x + 0.2)·sigmoid(x), 4M": () => ({
    name: "chain",
    inputs: [values([MANY], 4, 17)],
  }),
  "sum, 4M": () => ({ name: "sum", inputs: [values([MANY], 4, 17)] }),
  "mean of rows, 4096x1024": () => ({ name: "meanOfRows", inputs: [rows()] }),
  "mean of columns, 4096x1024": () => ({ name: "meanOfColumns", inputs: [rows()] }),
  "softmax 4096x1024": () => ({ name: "softmax", inputs: [rows()] }),
  "layer norm 4096x1024": () => ({
    name: "layerNorm",
    inputs: [rows(), values([1024], 1, 18), values([1024], 1, 19)],
  }),
  "product 64x784 @ 784x256": () => ({
    name: "product",
    inputs: [values([64, 784], 1, 20), values([784, 256], 1, 21)],
  }),
  "inference, batch 1": () => inference(1),
  "inference, batch 64": () => inference(64),
  "sort, 64k": () => ({ name: "sort", inputs: [values([2 ** 16], 4, 17)] }),
  "sort of rows, 256x1000": () => ({ name: "sort", inputs: [values([256, 1000], 4, 17)] }),
  "inverse 64x32x32": () => ({ name: "inverse", inputs: [definite(64, 32)] }),
  "inverse 256x256": () => ({ name: "inverse", inputs: [definite(1, 256)] }),
  "cholesky 64x32x32": () => ({ name: "cholesky", inputs: [definite(64, 32)] }),
  "cholesky 256x256": () => ({ name: "cholesky", inputs: [definite(1, 256)] }),
};
