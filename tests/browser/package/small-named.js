import { compile, init, tensor } from "cotangent";
import { mlp, softmaxCrossEntropy } from "cotangent/nn";
import { adam } from "cotangent/optim";

/** small.js with the subpaths, for bundlers that take namespaces as a whole. */
async function main() {
  await init();
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const y = tensor([0, 1, 1, 0], { dtype: "int32" });
  const model = mlp([2, 32, 2]);
  const optimizer = adam(model.parameters(), { learningRate: 0.02 });
  const step = compile((x, y) => {
    const loss = softmaxCrossEntropy(model.forward(x), y);
    optimizer.minimize(loss);
    return loss;
  });
  console.log(await step.repeat(300)(x, y).data());
}

void main();
