import { compile, init, nn, optim, tensor } from "cotangent";

/** The least that a program loads to train; tests/browser/package.test.ts weighs it. */
export async function main() {
  await init();
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const y = tensor([0, 1, 1, 0], { dtype: "int32" });
  const model = nn.mlp([2, 32, 2]);
  const optimizer = optim.adam(model.parameters(), { learningRate: 0.02 });
  const step = compile((x, y) => {
    const loss = nn.softmaxCrossEntropy(model.forward(x), y);
    optimizer.minimize(loss);
    return loss;
  });
  console.log(await step.repeat(300)(x, y).data());
}
