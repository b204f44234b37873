import {
  compile,
  customGradient,
  grad,
  hessian,
  init,
  nn,
  optim,
  random,
  solve,
  tensor,
  variable,
  type Tensor,
} from "cotangent";
import { safetensors } from "cotangent/io";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";

// Programs as a reader of the guide and the reference writes them, who knows no more than these say.

vi.setConfig({ testTimeout: 120_000 });

describe.each(backends)("from the reference on %s", (backend) => {
  beforeEach(async () => {
    await init({ backend });
    random.seed(1);
  });

  test("a convolutional network with pooling tells vertical bars from horizontal ones", async () => {
    const count = 16;
    const images = new Float32Array(count * 64);
    const labels = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      labels[i] = i % 2;
      for (let k = 0; k < 8; k++)
        images[i * 64 + (i % 2 ? k * 8 + (i >> 1) : (i >> 1) * 8 + k)] = 1;
    }
    const x = tensor(images, [count, 1, 8, 8]);
    const y = tensor(labels);

    // Pooling: the maximum of each block of 2 × 2.
    const pool = nn.activation((x: Tensor) => {
      const [n, channels, height, width] = x.shape;
      return x.reshape([n, channels, height / 2, 2, width / 2, 2]).max([3, 5]);
    });
    const model = nn.sequential(
      nn.conv2d(1, 4, 3, { padding: "same" }),
      nn.relu(),
      pool(),
      nn.conv2d(4, 8, 3, { padding: "same" }),
      nn.relu(),
      pool(),
      nn.flatten(),
      nn.linear(8 * 2 * 2, 2),
    );
    const optimizer = optim.adam(model.parameters(), { learningRate: 0.01 });
    const step = compile((x: Tensor, y: Tensor) => {
      const loss = nn.softmaxCrossEntropy(model.forward(x), y);
      optimizer.minimize(loss);
      return loss;
    });
    const losses = await step.repeat(60)(x, y).data();
    expect(losses[59]).toBeLessThan(losses[0] / 10);
    expect(await nn.accuracy(model.forward(x), y).item()).toBe(1);
  });

  test("the Hessian of Rosenbrock's function, and a step of Newton's", async () => {
    const f = (x: Tensor) => {
      const [a, b] = [x.slice([0], [1]), x.slice([1], [2])];
      return b.sub(a.square()).square().mul(100).add(a.sub(1).square()).sum();
    };
    const x = tensor([-1, 2]);
    const h = hessian(f)(x);
    // ∂²f = [[1200a² − 400b + 2, −400a], [−400a, 200]]
    const elements = await h.data();
    [402, 400, 400, 200].forEach((v, i) => expect(elements[i] / v).toBeCloseTo(1, 4));
    const next = x.sub(solve(h, grad(f)(x)));
    expect(await f(next).item()).toBeLessThan(await f(x).item());
  });

  test("a layer of one's own whose gradient is one's own: a switch that learns", async () => {
    // 0 or 1 by the sign, with the slope of a sigmoid.
    const hardened = customGradient((x: Tensor) => ({
      value: x.greater(0).cast("float32"),
      gradient: (g: Tensor) => {
        const s = x.sigmoid();
        return [g.mul(s).mul(s.neg().add(1))];
      },
    }));
    class Gate extends nn.Module {
      weight = variable(tensor([-0.5, 0.5, -0.5]));

      forward(x: Tensor): Tensor {
        return x.mul(hardened(this.weight));
      }
    }
    const model = new Gate();
    const optimizer = optim.sgd(model.parameters(), { learningRate: 1 });
    const x = tensor([[1, 2, 3]]);
    const target = tensor([[1, 0, 3]]);
    const step = compile((x: Tensor, target: Tensor) => {
      const loss = nn.mse(model.forward(x), target);
      optimizer.minimize(loss);
      return loss;
    });
    await step.repeat(40)(x, target).data();
    expect(await model.forward(x).array()).toEqual([[1, 0, 3]]);
    expect(Object.keys(model.namedVariables())).toEqual(["weight"]);
  });

  test("a training that is resumed goes on as if it had not been interrupted", async () => {
    const x = random.normal([32, 3]);
    const y = x.sum(1, { keepDims: true }).tanh();
    const begin = () => {
      const model = nn.mlp([3, 8, 1], { activation: nn.tanh, dropout: 0.1 });
      const optimizer = optim.adamw(model.parameters(), {
        learningRate: optim.cosine(0.05, { steps: 40 }),
      });
      const step = compile((x: Tensor, y: Tensor) => {
        const loss = nn.mse(model.forward(x), y);
        optimizer.minimize(loss);
        return loss;
      });
      return { state: { model, optimizer, random }, step };
    };
    const first = begin();
    await first.step.repeat(20)(x, y).data();
    const bytes = await safetensors.save(first.state);
    const expected = await first.step.repeat(20)(x, y).data();

    const second = begin();
    await safetensors.load(second.state, bytes);
    // What the reference has beyond float32 is not in the file.
    const resumed = await second.step.repeat(20)(x, y).data();
    const near = Array.from(expected, (loss) =>
      backend === "webgpu" ? loss : expect.closeTo(loss, 5),
    );
    expect([...resumed]).toEqual(near);
    expect(await second.state.optimizer.step.item()).toBe(40);
  });
});
