import { compile, linspace, nn, optim, random, type Tensor } from "cotangent";
import { safetensors } from "cotangent/io";

const x = linspace(-1, 1, 32).reshape([32, 1]);
const y = x.mul(3).sin();

function training() {
  const model = nn.mlp([1, 16, 1], { activation: nn.tanh, dropout: 0.1 });
  const optimizer = optim.adam(model.parameters(), { learningRate: 0.01 });
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = nn.mse(model.forward(x), y);
    optimizer.minimize(loss);
    return loss;
  });
  const steps = async (n: number) => (await step.repeat(n)(x, y).data())[n - 1];
  return { state: { model, optimizer, random }, steps };
}

random.seed(1);
const first = training();
await first.steps(100);
const file = await safetensors.save(first.state);
console.log(`${file.length} bytes`);
const last = await first.steps(100);

const second = training(); // as in a new visit: other weights
await safetensors.load(second.state, file);
console.log(last, await second.steps(100)); // they go on alike
