import { compile, data, random, tensor, type Tensor } from "cotangent";
import { safetensors } from "cotangent/io";
import { accuracyOf, pixels, type Digits } from "../mnist.ts";
import { Network } from "../network.ts";
import { recipes, type RecipeName } from "./list.ts";

/** Epochs that a recipe takes. */
export const recipeEpochs = 5;

export const batchSize = 64;
// A loss is waited for so often, for the progress to be true.
const batchesAhead = 16;

/** A step of a recipe's network on a batch. */
export const stepOf = (network: Network) =>
  compile(function trainingStep(x: Tensor, y: Tensor) {
    return network.learn(x, y);
  });

/** What an epoch came to. */
export interface EpochResult {
  /** From 1. */
  epoch: number;
  /** The mean over the epoch's images of their batch's loss, taken before its step. */
  trainLoss: number;
  testAccuracy: number;
  stepsPerSecond: number;
}

/** A recipe being followed, from the first epoch or from where a file left off. */
export class RecipeRun {
  /** Epochs finished. */
  epoch = 0;
  readonly #seed: number;
  readonly #test: Digits;
  readonly #network: Network;
  readonly #set;
  readonly #step;

  constructor(name: RecipeName, seed: number, { train, test }: { train: Digits; test: Digits }) {
    random.seed(seed);
    const network = new Network(recipes[name]);
    const images = tensor(train.images, [train.labels.length, pixels]);
    this.#seed = seed;
    this.#test = test;
    this.#network = network;
    this.#set = data.dataset({ x: images, y: train.labels });
    this.#step = stepOf(network);
  }

  get #stepsPerEpoch(): number {
    return Math.ceil(this.#set.size / batchSize);
  }

  /** Trains through all images once; `onStep` hears what part is done, and the loss there. */
  async advance(onStep?: (done: number, loss: number) => void): Promise<EpochResult> {
    // An order that follows from seed and epoch alone: a run that is resumed goes on as if it had not stopped.
    const seed = 1000 * this.#seed + this.epoch;
    const losses: { loss: Tensor; count: number }[] = [];
    const start = performance.now();
    for (const { x, y } of this.#set.batches(batchSize, { shuffle: true, seed })) {
      losses.push({ loss: this.#step(x, y), count: x.shape[0] });
      if (losses.length % batchesAhead !== 0) continue;
      const loss = await losses[losses.length - 1].loss.item();
      onStep?.(losses.length / this.#stepsPerEpoch, loss);
    }
    const values = await Promise.all(losses.map(({ loss }) => loss.item()));
    const seconds = (performance.now() - start) / 1000;
    const probabilities = await this.#network.predict(this.#test.images).data<Float32Array>();
    return {
      epoch: ++this.epoch,
      trainLoss: values.reduce((sum, v, i) => sum + v * losses[i].count, 0) / this.#set.size,
      testAccuracy: accuracyOf(probabilities, this.#test.labels),
      stepsPerSecond: values.length / seconds,
    };
  }

  get #state() {
    return { model: this.#network.model, optimizer: this.#network.optimizer };
  }

  /** The network and the optimizer's state as a safetensors file. */
  save(): Promise<Uint8Array<ArrayBuffer>> {
    return safetensors.save(this.#state);
  }

  /** Goes on from such a file. */
  async load(bytes: Uint8Array): Promise<void> {
    await safetensors.load(this.#state, bytes);
    this.epoch = Math.round((await this.#network.optimizer.step.item()) / this.#stepsPerEpoch);
  }
}
