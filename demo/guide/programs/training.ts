import { compile, nn, optim, random, tensor, type Tensor } from "cotangent";

random.seed(1); // the same start each time
const x = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
const y = tensor([0, 1, 1, 0], { dtype: "int32" }); // exclusive or, as classes

const model = nn.mlp([2, 32, 2]); // two inputs, 32 hidden units, two classes
const optimizer = optim.adam(model.parameters(), { learningRate: 0.02 });
const step = compile((x: Tensor, y: Tensor) => {
  const loss = nn.softmaxCrossEntropy(model.forward(x), y);
  optimizer.minimize(loss); // gradients, and one update
  return loss;
});

console.log(await step(x, y).item()); // one step
const losses = await step.repeat(300)(x, y).data(); // 300 more
console.log(losses);
console.log(await model.forward(x).argMax(-1).array());
