import { compile, init, nn, optim, random, tensor, type Tensor } from "cotangent";

// What runs in a Web Worker: a short training on the backend that the message names.

async function train(backend: "cpu" | "webgpu"): Promise<number[]> {
  const device = await init({ backend });
  random.seed(5);
  const model = nn.sequential(nn.linear(2, 4), nn.tanh(), nn.linear(4, 1));
  const optimizer = optim.adam(model.parameters(), { learningRate: 0.1 });
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = nn.mse(model.forward(x), y);
    optimizer.minimize(loss);
    return loss;
  });
  const x = tensor([
    [0, 1],
    [1, 0],
  ]);
  const losses = await step
    .repeat(10)(x, tensor([[1], [-1]]))
    .data();
  device.dispose();
  return Array.from(losses);
}

addEventListener("message", ({ data }: MessageEvent<"cpu" | "webgpu">) => {
  train(data).then(
    (losses) => postMessage(losses),
    (error: unknown) => postMessage(String(error)),
  );
});
