import { compile, init, nn, optim, random, tensor } from "cotangent";
import { ops } from "cotangent/check";
import { dataset } from "cotangent/data";
import { safetensors } from "cotangent/io";
import { linear } from "cotangent/nn";
import { adam } from "cotangent/optim";

/** Trains a small net on XOR; what it returns is compared in tests/browser/package.test.ts. */
export async function train(backend) {
  const device = await init({ backend });
  random.seed(1);
  const model = nn.sequential(linear(2, 16), nn.relu(), linear(16, 2));
  const optimizer = adam(model.parameters(), { learningRate: optim.constant(0.05) });
  const step = compile((x, y) => {
    const loss = nn.softmaxCrossEntropy(model.forward(x), y);
    optimizer.minimize(loss);
    return loss;
  });

  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const y = tensor([0, 1, 1, 0], { dtype: "int32" });
  const first = await step(x, y).item();
  let loss;
  for (let i = 0; i < 100; i++) loss = step(x, y);
  const last = await loss.item();

  // Bundlers drop the fluent methods if the package declares its side effects wrongly.
  const fluent = await x.matmul(x.transpose()).sum().item();
  const saved = (await safetensors.save({ model })).byteLength;
  const examples = dataset({ x, y }).size;
  const { backend: used } = device.info;
  const result = { backend: used, first, last, fluent, saved, examples, ops: ops.length };
  device.dispose();
  return result;
}
