import { gelu, linear, mse, relu, sequential, softmaxCrossEntropy, tanh } from "cotangent/nn";
import type { Trains } from "../library.ts";
import { startingFrom, trainerOf } from "./trainer.ts";

export { open } from "./open.ts";

const activations = { relu, tanh, gelu: () => gelu({ approximate: "tanh" }) };

export const mlp: Trains<"mlp"> = (network) => {
  const { parameters } = network;
  const activation = activations[network.activation];
  const layers = [];
  for (let i = 0; i < parameters.length; i += 2) {
    const [weight, bias] = parameters.slice(i, i + 2);
    const [inputs, outputs] = weight.shape;
    if (i > 0) layers.push(activation());
    layers.push(linear(inputs, outputs, startingFrom(weight, bias)));
  }
  const lossOf = network.loss === "mse" ? mse : softmaxCrossEntropy;
  return trainerOf(network, sequential(...layers), lossOf);
};
