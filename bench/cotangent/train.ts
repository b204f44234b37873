import { compile, init, nn, optim, tensor, type Tensor } from "cotangent";
import type { Network, Trainer } from "../library.ts";

export const open = init;

export function train(network: Network): Trainer {
  const { sizes, layers, batch, learningRate } = network;
  const activation = network.activation === "tanh" ? nn.tanh : nn.relu;
  const lossOf = network.loss === "mse" ? nn.mse : nn.softmaxCrossEntropy;
  const model = nn.sequential(
    ...layers.flatMap(({ weight, bias }, i) => {
      const [inputs, outputs] = [sizes[i], sizes[i + 1]];
      const layer = nn.linear(inputs, outputs, {
        weightInit: (shape) => tensor(weight, shape),
        biasInit: (shape) => tensor(bias, shape),
      });
      return i < layers.length - 1 ? [layer, activation()] : [layer];
    }),
  );
  const make = network.optimizer === "sgd" ? optim.sgd : optim.adam;
  const optimizer = make(model.parameters(), { learningRate });

  const step = compile((x: Tensor, y: Tensor) => {
    const loss = lossOf(model.forward(x), y);
    optimizer.minimize(loss);
    return loss;
  });

  const x = tensor(network.x, [batch, sizes[0]]);
  const y = tensor(network.y, [batch, sizes[sizes.length - 1]]);
  let losses: Tensor;
  return {
    step: () => {
      losses = step(x, y);
    },
    repeat: (steps) => {
      losses = step.repeat(steps)(x, y);
    },
    loss: async () => (await losses.data()).at(-1) ?? NaN,
  };
}
