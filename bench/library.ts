/** The elements of a tensor, row by row, and its shape. */
export interface Values {
  values: Float32Array;
  shape: number[];
}

/** A network, its data and how it is trained: the same for every library. */
export interface Training {
  /** What it computes with at the start, in the order in which it is used. */
  parameters: readonly Values[];
  optimizer: "adam" | "sgd";
  learningRate: number;
  x: Values;
  /** Probabilities, or what the outputs should be. */
  y: Values;
}

/** Dense layers, a weight [in, out] and a bias [out] each. */
export interface Mlp extends Training {
  kind: "mlp";
  /** gelu by tanh, as everywhere here: it is what all libraries have. */
  activation: "relu" | "tanh" | "gelu";
  loss: "softmaxCrossEntropy" | "mse";
}

/**
 * Convolutions 3 × 3 that keep the size, a weight [out, in, 3, 3] and a bias [out] each, with relu and the maximum of
 * 2 × 2 after each, and a dense layer; its loss is the cross-entropy. Images are [batch, channels, height, width].
 */
export interface Cnn extends Training {
  kind: "cnn";
}

/**
 * A transformer block, x ← x + attention(norm(x)), x ← x + down(gelu(up(norm(x)))), on [tokens, width]: a weight and a
 * bias of each norm and layer, in the order norm, query, key, value, output, norm, up, down. Its loss is the mean square.
 */
export interface Block extends Training {
  kind: "block";
  heads: number;
}

export type Network = Mlp | Cnn | Block;
export type Kind = Network["kind"];

/** A network in training, always on the same batch. */
export interface Trainer {
  /** Queues a step. */
  step(): void;
  /** Queues so many steps with one call, where the library can. */
  repeat?(steps: number): void;
  /** The loss of the last step, once that is done. */
  loss(): Promise<number>;
}

/** What is trained by a file of its own, so that each can be weighed, and its first step timed, by itself. */
export type Trains<K extends Kind> = (network: Extract<Network, { kind: K }>) => Trainer;

/** x ← op(A) op(x) for square matrices, op transposing or not. */
export interface Product {
  n: number;
  transposeA: boolean;
  transposeX: boolean;
  a: Float32Array;
  /** What x is at first. */
  x: Float32Array;
}

/** What is computed from arguments that stay the same. */
export interface Task {
  /** mlp: the outputs of dense layers with relu between them; its arguments are x and their weights and biases. */
  name:
    | "chain"
    | "sum"
    | "meanOfRows"
    | "meanOfColumns"
    | "softmax"
    | "layerNorm"
    | "product"
    | "mlp"
    | "sort"
    | "inverse"
    | "cholesky";
  inputs: readonly Values[];
}

/** Something that is computed again and again. */
export interface Computation {
  /** Queues it so many times. */
  run(times: number): void | Promise<void>;
  /** An element of the last result, once all is done. */
  element(): Promise<number>;
  values(): Promise<Float32Array>;
}

/** Where a peer computes: its bundles are built for one of these. */
export type Target = "gpu" | "wasm";

/** What a library does in the bench; what it lacks, it takes no part in. */
export interface Library {
  open(): Promise<unknown>;
  mlp: Trains<"mlp">;
  cnn?: Trains<"cnn">;
  block?: Trains<"block">;
  /** Its first x is given anew whenever it runs, and each product is of the one before. */
  multiply?(product: Product): Computation;
  /** Null for a task that it has nothing for. */
  compute?(task: Task): Computation | null;
}

/** Queues training by whatever trains a network of this kind; null where the library has nothing for it. */
export function train(library: Partial<Library>, network: Network): Trainer | null {
  const trains = library[network.kind] as ((network: Network) => Trainer) | undefined;
  return trains?.(network) ?? null;
}
