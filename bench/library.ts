/** A network, its data and how it is trained: the same for every library. */
export interface Network {
  name: string;
  /** Of the layers, the inputs' first. */
  sizes: readonly number[];
  activation: "relu" | "tanh";
  loss: "softmaxCrossEntropy" | "mse";
  optimizer: "adam" | "sgd";
  learningRate: number;
  batch: number;
  /** [batch, inputs] */
  x: Float32Array;
  /** [batch, outputs]: probabilities, or what the outputs should be. */
  y: Float32Array;
  /** Weights [in, out] and biases [out] at the start. */
  layers: readonly { weight: Float32Array; bias: Float32Array }[];
}

/** A network in training, always on the same batch. */
export interface Trainer {
  /** Queues a step. */
  step(): void;
  /** Queues so many steps with one call, where the library can. */
  repeat?(steps: number): void;
  /** The loss of the last step, once that is done. */
  loss(): Promise<number>;
}

/** x ← op(A) op(x) for square matrices, op transposing or not. */
export interface Product {
  n: number;
  transposeA: boolean;
  transposeX: boolean;
  a: Float32Array;
  /** What x is at first. */
  x: Float32Array;
}

export interface Multiplier {
  /** Starts again from the first x and queues so many products. */
  chain(products: number): void;
  /** An element of x, once all products are done. */
  element(): Promise<number>;
  values(): Promise<Float32Array>;
}

/** What a library does in the bench. */
export interface Library {
  open(): Promise<unknown>;
  train(network: Network): Trainer;
  multiply(product: Product): Multiplier;
}

/** The part of it that trains: what is weighed, and what the first step is timed with. */
export type Training = Pick<Library, "open" | "train">;

/** What a network computes with at the start, layer by layer. */
export const initialParameters = ({ sizes, layers }: Network) =>
  layers.flatMap(({ weight, bias }, i) => [
    { values: weight, shape: [sizes[i], sizes[i + 1]] },
    { values: bias, shape: [sizes[i + 1]] },
  ]);
