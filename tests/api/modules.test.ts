import { compile, init, nn, optim, random, tensor, variable, type Tensor } from "cotangent";
import { safetensors } from "cotangent/io";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { backends } from "../backends.ts";

// Software adapters compile these kernels for seconds.
vi.setConfig({ testTimeout: 180_000 });

class Residual extends nn.Module {
  norm = nn.layerNorm(64);
  up = nn.linear(64, 256);
  down = nn.linear(256, 64);
  forward(x: Tensor) {
    return x.add(this.down.forward(this.up.forward(this.norm.forward(x)).gelu()));
  }
}

describe.each(backends)("modules of one's own on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
    random.seed(1);
  });

  test("parameters and named variables", () => {
    const block = new Residual();
    expect(block.parameters().map((p) => p.shape)).toEqual([
      [64],
      [64],
      [64, 256],
      [256],
      [256, 64],
      [64],
    ]);
    expect(Object.keys(block.namedVariables())).toEqual([
      "norm.weight",
      "norm.bias",
      "up.weight",
      "up.bias",
      "down.weight",
      "down.bias",
    ]);
  });

  test("in arrays, in objects, and not to be trained", () => {
    class Stack extends nn.Module {
      blocks = [nn.linear(2, 2), nn.linear(2, 2)];
      named = { scale: variable(1) };
      running = variable([0, 0], { trainable: false });
      shared = this.blocks[0];
      forward(x: Tensor) {
        return this.blocks.reduce((y, block) => block.forward(y), x).mul(this.named.scale);
      }
    }
    const stack = new Stack();
    expect(Object.keys(stack.namedVariables())).toEqual([
      "blocks.0.weight",
      "blocks.0.bias",
      "blocks.1.weight",
      "blocks.1.bias",
      "named.scale",
      "running",
    ]);
    expect(stack.parameters()).toHaveLength(5);
    expect(stack.parameters()).not.toContain(stack.running);
  });

  test("a module may take anything; sequential and fit take those of one tensor", async () => {
    class Distance extends nn.Module {
      weight = variable([1, 1]);
      forward({ a, b }: { a: Tensor; b: Tensor }, power: number) {
        return { d: a.sub(b).abs().pow(power).mul(this.weight).sum() };
      }
    }
    const { d } = new Distance().forward({ a: tensor([1, 2]), b: tensor([0, 0]) }, 2);
    expect(await d.item()).toBeCloseTo(5, 5);
    const model = nn.sequential(nn.linear(3, 64), new Residual(), nn.linear(64, 1));
    expect(model.forward(tensor([[1, 2, 3]])).shape).toEqual([1, 1]);
  });

  test("it is trained, saved and loaded", async () => {
    const make = () => {
      const model = new Residual();
      const optimizer = optim.adam(model.parameters());
      const step = compile((x: Tensor) => {
        const loss = model.forward(x).square().mean();
        optimizer.minimize(loss);
        return loss;
      });
      return { model, optimizer, step };
    };
    const { model, optimizer, step } = make();
    const x = random.normal([4, 64]);
    const first = await step(x).item();
    for (let i = 0; i < 3; i++) step(x);
    expect(await step(x).item()).toBeLessThan(first);

    const bytes = await safetensors.save({ model, optimizer });
    expect(bytes).toBeInstanceOf(Uint8Array);
    const next = await step.repeat(2)(x).array();

    const other = make();
    await safetensors.load({ model: other.model, optimizer: other.optimizer }, bytes);
    const names = Object.keys(safetensors.parse(bytes));
    expect(names).toContain("model.norm.weight");
    expect(names).toContain("optimizer.step");
    expect(await other.step.repeat(2)(x).array()).toEqual(next);
    await expect(safetensors.load({ model: nn.linear(1, 1) }, bytes)).rejects.toThrow(RangeError);
  });
});

test("a file in shared memory, which browsers decode no text from", async () => {
  await init({ backend: "cpu" });
  const file = await safetensors.save({ w: variable([1, 2, 3]) });
  // The class is there only where a page is isolated, shared memory everywhere.
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { buffer } = memory;
  new Uint8Array(buffer).set(file);
  const w = variable([0, 0, 0]);
  await safetensors.load({ w }, new Uint8Array(buffer, 0, file.length));
  expect(await w.array()).toEqual([1, 2, 3]);
  const { data } = safetensors.parse(new DataView(buffer, 0, file.length)).w;
  expect(data).toEqual(Float32Array.of(1, 2, 3));
  // Taken as a whole, and not as something else: the rest of the page follows the last tensor.
  expect(() => safetensors.parse(buffer)).toThrow("bytes follow the last tensor");
});
