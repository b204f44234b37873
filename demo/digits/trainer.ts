import { compile, data, random, tensor } from "cotangent";
import { accuracyOf, pixels, type Digits } from "../mnist.ts";
import { Network } from "../network.ts";
import type { Settings } from "./settings.ts";

/** A network in training: makes steps, takes exams, classifies. */
export class Trainer {
  readonly stepsPerEpoch: number;
  /** Steps made so far. */
  step = 0;
  readonly #network: Network;
  readonly #next;
  readonly #test: Digits;

  constructor(
    { network: sizes, optimizer, rate, batch, seed }: Settings,
    train: Digits,
    test: Digits,
  ) {
    random.seed(seed);
    const network = new Network({
      sizes: sizes.split("-").map(Number),
      optimizer,
      learningRate: rate,
    });
    const images = tensor(train.images, [train.labels.length, pixels]);
    const set = data.dataset({ x: images, y: train.labels });
    const batches = data.resident(set, { batchSize: batch, shuffle: true, seed });
    this.stepsPerEpoch = batches.length;
    this.#network = network;
    this.#test = test;
    this.#next = compile(function trainingStep() {
      const { x, y } = batches.next();
      return network.learn(x, y);
    });
  }

  set learningRate(rate: number) {
    this.#network.optimizer.learningRate = rate;
  }

  /** Makes n steps; the loss of each. */
  async advance(n: number): Promise<Float32Array> {
    const losses = await this.#next.repeat(n)().data<Float32Array>();
    this.step += n;
    return losses;
  }

  /** Classifies the whole test set. */
  async examine(): Promise<{ accuracy: number; probabilities: Float32Array }> {
    const probabilities = await this.classify(this.#test.images);
    return { probabilities, accuracy: accuracyOf(probabilities, this.#test.labels) };
  }

  /** Ten probabilities for each image. */
  classify(images: Float32Array): Promise<Float32Array> {
    return this.#network.predict(images).data<Float32Array>();
  }
}
