import {
  compile,
  conv2d,
  gradients,
  init,
  nn,
  ones,
  random,
  tensor,
  ValueError,
  variable,
  type Tensor,
} from "cotangent";
import { beforeEach, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

class Residual extends nn.Module {
  norm = nn.layerNorm(6);
  up = nn.linear(6, 8);
  down = nn.linear(8, 6);
  forward(x: Tensor): Tensor {
    return x.add(this.down.forward(this.up.forward(this.norm.forward(x)).gelu()));
  }
}

class Everything extends nn.Module {
  blocks = [new Residual(), new Residual()];
  heads = { left: nn.linear(6, 2), right: nn.linear(6, 3, { bias: false }) };
  statistics = variable([0, 1], { trainable: false });
  scale = variable(1);
  again = this.scale;
  constant = tensor([1]);
  self: nn.Module = this;
  forward(): null {
    return null;
  }
}

describe.each(backends)("modules on %s", (backend) => {
  beforeEach(async () => {
    await init({ backend });
    random.seed(2);
  });

  test("variables in fields, arrays, objects and nested modules, in order and each once", () => {
    const block = ["norm.weight", "norm.bias", "up.weight", "up.bias", "down.weight", "down.bias"];
    expect(Object.keys(new Residual().namedVariables())).toEqual(block);
    const module = new Everything();
    expect(Object.keys(module.namedVariables())).toEqual([
      ...block.map((name) => `blocks.0.${name}`),
      ...block.map((name) => `blocks.1.${name}`),
      "heads.left.weight",
      "heads.left.bias",
      "heads.right.weight",
      "statistics",
      "scale",
    ]);
    expect(module.parameters()).toHaveLength(16);
    expect(module.parameters()).not.toContain(module.statistics);
  });

  test("train and eval go through the modules inside", () => {
    const module = new Everything();
    expect(module.blocks[1].up.training).toBe(true);
    expect(module.eval()).toBe(module);
    expect([module.training, module.blocks[1].up.training]).toEqual([false, false]);
    module.blocks[0].train();
    expect([module.training, module.blocks[0].norm.training]).toEqual([false, true]);
  });

  test("linear: x W + b on the last axis", async () => {
    const layer = nn.linear(3, 2);
    layer.weight.assign(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    );
    layer.bias!.assign(tensor([10, 20]));
    const y = layer.forward(
      tensor([
        [
          [1, 0, 0],
          [0, 1, 1],
        ],
      ]),
    );
    expect(await y.array()).toEqual([
      [
        [11, 22],
        [18, 30],
      ],
    ]);
    expect(() => layer.forward(tensor([[1, 2]]))).toThrow("[1, 2] × [3, 2]");
  });

  test("linear starts evenly on ±1/√in", async () => {
    const layer = nn.linear(100, 60);
    for (const values of [await layer.weight.data(), await layer.bias!.data()]) {
      expect(Math.max(...values)).toBeLessThan(0.1);
      expect(Math.max(...values)).toBeGreaterThan(0.085);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(-0.1);
      expect(Math.min(...values)).toBeLessThan(-0.085);
    }
  });

  test("an embedding has a row for each index, and none is trained for padding", async () => {
    const layer = nn.embedding(300, 50, { paddingIndex: 2 });
    expect(Object.keys(layer.namedVariables())).toEqual(["weight"]);
    const start = await layer.weight.data<Float32Array>();
    expect(Array.from(start.slice(100, 150))).toEqual(Array.from({ length: 50 }, () => 0));
    const others = start.filter((_, i) => i < 100 || i >= 150);
    expect(others.reduce((s, v) => s + v * v, 0) / others.length).toBeCloseTo(1, 1);
    const few = nn.embedding(4, 2, { paddingIndex: 2, weightInit: nn.init.ones() });
    const indices = tensor(
      [
        [0, 2, 3],
        [3, 3, 2],
      ],
      { dtype: "int32" },
    );
    const y = few.forward(indices);
    expect(y.shape).toEqual([2, 3, 2]);
    expect(await y.sum(-1).array()).toEqual([
      [2, 0, 2],
      [2, 2, 0],
    ]);
    const [slope] = gradients(y.sum(), few.parameters());
    expect(await slope.array()).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
      [3, 3],
    ]);
    const plain = nn.embedding(4, 2, { weightInit: nn.init.ones() });
    const [all] = gradients(plain.forward(indices).sum(), plain.parameters());
    expect(await all.sum(1).array()).toEqual([2, 0, 4, 6]);
  });

  test("convolutions have a weight and a bias of PyTorch's shapes and start", async () => {
    const layer = nn.conv2d(6, 40, [3, 2], { padding: "same", groups: 2 });
    expect(layer.weight.shape).toEqual([40, 3, 3, 2]);
    expect(Object.keys(layer.namedVariables())).toEqual(["weight", "bias"]);
    expect(layer.parameters()).toHaveLength(2);
    const limit = 1 / Math.sqrt(3 * 3 * 2);
    for (const values of [await layer.weight.data(), await layer.bias!.data()]) {
      expect(Math.max(...values)).toBeLessThanOrEqual(limit);
      expect(Math.max(...values)).toBeGreaterThan(0.85 * limit);
      expect(Math.min(...values)).toBeLessThan(-0.85 * limit);
    }
    const x = random.normal([2, 6, 5, 4]);
    const [weight, bias] = [layer.weight, layer.bias!];
    const y = conv2d(x, weight, { bias, padding: "same", groups: 2 });
    expect(await layer.forward(x).data()).toEqual(await y.data());
    const thin = nn.conv1d(2, 3, 4, { bias: false, stride: 2, weightInit: nn.init.ones() });
    expect(thin.bias).toBeNull();
    expect(await thin.forward(ones([1, 2, 6])).array()).toEqual([
      [
        [8, 8],
        [8, 8],
        [8, 8],
      ],
    ]);
  });

  test("dropout scales what it keeps, differs from call to call, and is off in use", async () => {
    const model = nn.dropout(0.25);
    const f = compile((x: Tensor) => model.forward(x));
    const x = tensor(new Float32Array(4000).fill(3));
    const y = await f(x).data<Float32Array>();
    expect(new Set(y)).toEqual(new Set([0, 4]));
    expect(y.reduce((a, b) => a + b, 0) / 4000).toBeCloseTo(3, 0);
    expect(await f(x).data()).not.toEqual(y);
    model.eval();
    expect(new Set(await f(x).data())).toEqual(new Set([3]));
    model.train();
    expect(new Set(await f(x).data())).toEqual(new Set([0, 4]));
  });

  test("layerNorm over the last axes", async () => {
    const layer = nn.layerNorm([2, 2], { epsilon: 0 });
    const y = await layer
      .forward(
        tensor([
          [
            [1, 2],
            [3, 4],
          ],
        ]),
      )
      .data();
    const s = Math.sqrt(1.25);
    [-1.5, -0.5, 0.5, 1.5].forEach((v, i) => expect(y[i]).toBeCloseTo(v / s, 5));
    expect(() => layer.forward(tensor([[1, 2, 3]]))).toThrow(
      "layerNorm: the input [1, 3] does not end in the layer's [2, 2]",
    );
  });

  test("mlp, sequential, flatten and activations", async () => {
    const model = nn.mlp([4, 5, 3], { activation: () => nn.leakyRelu(0.1), dropout: 0.5 });
    expect(model.length).toBe(4);
    expect(Object.keys(model.namedVariables())).toEqual([
      "0.weight",
      "0.bias",
      "3.weight",
      "3.bias",
    ]);
    const flat = nn.sequential(nn.flatten(), model).eval();
    expect(flat.forward(random.normal([7, 2, 2])).shape).toEqual([7, 3]);
    expect(
      await nn
        .leakyRelu(0.1)
        .forward(tensor([-1, 2]))
        .array(),
    ).toEqual([expect.closeTo(-0.1, 6), 2]);
    expect(
      await nn
        .sine(2)
        .forward(tensor([0.5]))
        .item(),
    ).toBeCloseTo(Math.sin(1), 6);
    expect(() => nn.sequential(((x: Tensor) => x) as never)).toThrow("argument 0 is not a module");
    expect(() => nn.mlp([3])).toThrow("got [3]");
  });

  test("two variables of one path are an error, not one of them lost", () => {
    class Twice extends nn.Module {
      "x.y" = variable(1);
      x = { y: variable(2) };
      forward(): null {
        return null;
      }
    }
    const module = new Twice();
    for (const act of [() => module.namedVariables(), () => module.parameters()]) {
      expect(act).toThrow(ValueError);
      expect(act).toThrow('two variables with the path "x.y"');
    }
  });

  test("a field may have the name of what every object has", () => {
    class Named extends nn.Module {
      parts = { constructor: variable(1), valueOf: variable(2) };
      forward(): null {
        return null;
      }
    }
    const names = Object.keys(new Named().namedVariables());
    expect(names).toEqual(["parts.constructor", "parts.valueOf"]);
  });

  test("a module made while a function is traced lasts", async () => {
    let made: nn.Linear | null = null;
    const f = compile((x: Tensor) => (made ??= nn.linear(2, 2)).forward(x));
    const x = tensor([[1, 2]]);
    expect(await f(x).array()).toEqual(await made!.forward(x).array());
  });

  test("accuracy of indices and of probabilities", async () => {
    const logits = tensor([
      [0, 1],
      [3, 2],
      [0, 5],
      [1, 0],
    ]);
    const labels = tensor([1, 1, 1, 0], { dtype: "int32" });
    expect(await nn.accuracy(logits, labels).item()).toBe(0.75);
    expect(
      await nn
        .accuracy(
          logits,
          tensor([
            [0, 1],
            [0, 1],
            [0, 1],
            [1, 0],
          ]),
        )
        .item(),
    ).toBe(0.75);
    expect(() => nn.accuracy(logits, tensor([1, 2]))).toThrow("take labels [4]");
  });
});
