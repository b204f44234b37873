import { compile, fit, grad, init, nn, tensor, type FitOptions, type Tensor } from "cotangent";
import { selfTest } from "cotangent/check";
import { dataset } from "cotangent/data";
import { safetensors } from "cotangent/io";
import { linear } from "cotangent/nn";
import { adam } from "cotangent/optim";

// Compiled against the declarations that the package brings, and never run.
export async function program(): Promise<unknown[]> {
  const device = await init({ backend: "cpu" });
  const norm = compile((x: Tensor) => x.square().sum().sqrt());
  const value: number = await norm(tensor([3, 4])).item();
  const slope = grad((x: Tensor) => x.square().sum())(tensor([3, 4]));
  const numbers: Float32Array = await slope.data<Float32Array>();
  const model: nn.Module = linear(2, 3);
  const bytes: Uint8Array = await safetensors.save({ model });
  await safetensors.load({ model }, bytes);
  const set = dataset({ x: tensor([[1, 2]]), y: new Int32Array(1) });
  const options: FitOptions = {
    loss: nn.softmaxCrossEntropy,
    optimizer: adam(model.parameters(), { learningRate: 0.1 }),
  };
  const history = await fit(linear(2, 3), set, options);
  return [device.gpu, device.memory().bytes, value, numbers, history, selfTest];
}
