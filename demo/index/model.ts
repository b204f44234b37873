import { compile, data, nn, optim } from "cotangent";
import { spirals } from "./spirals.ts";

export function model({ units = 32, rate = 0.01, batch = 128, noise = 0.1 } = {}) {
  const net = nn.mlp([2, units, units, 1], { activation: nn.tanh });
  const adam = optim.adam(net.parameters(), { learningRate: rate });
  const points = spirals(1024, noise);
  const batches = data.resident(points, { batchSize: batch, shuffle: true });
  const step = compile(() => {
    const { x, y } = batches.next();
    const loss = nn.bceWithLogits(net.forward(x), y);
    adam.minimize(loss);
    return loss;
  });
  return { net, points, step };
}
