import { maximum, type Tensor } from "cotangent";
import {
  conv2d,
  flatten,
  linear,
  Module,
  relu,
  sequential,
  softmaxCrossEntropy,
} from "cotangent/nn";
import type { Trains, Values } from "../library.ts";
import { startingFrom, trainerOf } from "./trainer.ts";

export { open } from "./open.ts";

/** The maximum of 2 × 2, by slices. */
class MaxPool extends Module {
  forward(x: Tensor): Tensor {
    const [batch, channels, height, width] = x.shape;
    const half = [batch, channels, height / 2, width / 2];
    const pairs = x.reshape([batch, channels, height / 2, 2, width / 2, 2]);
    const at = (i: number, j: number) =>
      pairs
        .slice([0, 0, 0, i, 0, j], [batch, channels, height / 2, i + 1, width / 2, j + 1])
        .reshape(half);
    return maximum(maximum(at(0, 0), at(0, 1)), maximum(at(1, 0), at(1, 1)));
  }
}

export const cnn: Trains<"cnn"> = (network) => {
  const convolution = ([weight, bias]: readonly Values[]) => {
    const [outputs, inputs, size] = weight.shape;
    return conv2d(inputs, outputs, size, { padding: "same", ...startingFrom(weight, bias) });
  };
  const { parameters } = network;
  const [weight, bias] = parameters.slice(4);
  const model = sequential(
    convolution(parameters.slice(0, 2)),
    relu(),
    new MaxPool(),
    convolution(parameters.slice(2, 4)),
    relu(),
    new MaxPool(),
    flatten(),
    linear(weight.shape[0], weight.shape[1], startingFrom(weight, bias)),
  );
  return trainerOf(network, model, softmaxCrossEntropy);
};
