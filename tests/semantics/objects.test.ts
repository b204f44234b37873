import { compile, init, nn, optim, random, tensor, variable, type Tensor } from "cotangent";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { countCalls, objects } from "./gpu.ts";

let gpu: GPUDevice;

beforeAll(async () => {
  gpu = (await init({ backend: "webgpu" })).gpu!;
});

/** A net with dropout, so that it draws random numbers too. */
function training(width = 8) {
  const model = nn.sequential(nn.linear(4, width), nn.relu(), nn.dropout(0.1), nn.linear(width, 3));
  const optimizer = optim.adam(model.parameters());
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = nn.softmaxCrossEntropy(model.forward(x), y);
    optimizer.minimize(loss);
    return loss;
  });
  return { step, optimizer };
}

const x = () => Float32Array.from({ length: 8 }, Math.sin);
const batch = () => [tensor(x(), [2, 4]), tensor(Int32Array.of(0, 2))] as const;

describe("a compiled step, from the second call on", () => {
  test("makes no objects, and is one pass and one submit", async () => {
    const { step, optimizer } = training();
    await step(...batch()).item();
    const calls = await countCalls(gpu, () => {
      for (let i = 0; i < 50; i++) step(...batch());
    });
    expect(objects(calls)).toEqual({});
    expect([calls.passes, calls.submits]).toEqual([50, 50]);
    expect(calls.dispatches).toBe(50 * step.plan().dispatches.length);

    optimizer.learningRate = 1e-4;
    await step(...batch()).item();
    const after = await countCalls(gpu, async () => {
      for (let i = 0; i < 5; i++) {
        optimizer.learningRate = 1e-4 / (i + 2);
        await step(...batch()).item();
      }
    });
    expect(objects(after)).toEqual({});
  });

  test("whether the arguments come from the host, from the device or as typed arrays", async () => {
    const f = compile((a: Tensor, b: Tensor) => a.mul(b).sum(), {
      inputs: [
        [2, -1],
        [2, -1],
      ],
    });
    const onDevice = random.normal([2, 4]);
    await onDevice.data();
    await f(onDevice, x()).item();
    const other = random.normal([2, 4]);
    await other.data();
    await f(other, x()).item();
    const calls = await countCalls(gpu, () => {
      for (let i = 0; i < 10; i++) {
        f(onDevice, x());
        f(other, x());
        f(tensor(x(), [2, 4]), other);
      }
    });
    expect(objects(calls)).toEqual({});
  });

  test("whether a large variable is an argument", async () => {
    const w = variable(random.normal([64, 64]));
    const step = compile((x: Tensor) => {
      w.assign(w.mul(0.5));
      return x.sum();
    });
    await step(w).item();
    const calls = await countCalls(gpu, () => {
      for (let i = 0; i < 10; i++) step(w);
    });
    expect(objects(calls)).toEqual({});
  });

  test("reading every result makes none either", async () => {
    const { step } = training();
    await step(...batch()).item();
    const calls = await countCalls(gpu, async () => {
      for (let i = 0; i < 20; i++) await step(...batch()).item();
    });
    expect(objects(calls)).toEqual({});
  });

  test("repeat is one submit while it is short", async () => {
    const { step } = training();
    await step
      .repeat(10)(...batch())
      .data();
    const calls = await countCalls(gpu, () =>
      step
        .repeat(10)(...batch())
        .data(),
    );
    // One for the repetitions, one for reading.
    expect(calls.submits).toBe(2);
    expect(objects(calls)).toEqual({});
  });

  test("two steps that take turns make none", async () => {
    const [a, b] = [training(8), training(600)];
    for (const { step } of [a, b, a, b]) await step(...batch()).item();
    const calls = await countCalls(gpu, async () => {
      for (let i = 0; i < 5; i++) for (const { step } of [a, b]) await step(...batch()).item();
    });
    expect(objects(calls)).toEqual({});
  });
});

describe("a large result", () => {
  const big = () => compile((v: Tensor) => v.add(random.uniform([4096])));

  test("takes a buffer that is used again once it is disposed", async () => {
    const f = big();
    const first = f(1);
    await first.data();
    first.dispose();
    const calls = await countCalls(gpu, () => {
      for (let i = 0; i < 10; i++) f(i).dispose();
    });
    expect(objects(calls)).toEqual({});
  });

  test("takes a buffer of its own while earlier ones are held", async () => {
    const f = big();
    const held = [f(0)];
    await held[0].data();
    const calls = await countCalls(gpu, () => {
      for (let i = 1; i < 4; i++) held.push(f(i));
    });
    expect(Object.keys(objects(calls)).filter((name) => name !== "createBuffer")).toEqual([]);
    expect(calls.createBuffer).toBeLessThanOrEqual(3);
    const firsts = await Promise.all(held.map(async (y) => Math.floor((await y.data())[0])));
    expect(firsts).toEqual([0, 1, 2, 3]);
  });
});

describe("small results that are kept", () => {
  test("lie in pages that double: few buffers for many", async () => {
    const w = variable(0);
    const step = compile(() => {
      w.assign(w.add(1));
      return w;
    });
    await step().item();
    const kept: Tensor[] = [];
    const calls = await countCalls(gpu, () => {
      for (let i = 0; i < 10_000; i++) kept.push(step());
    });
    expect(calls.createBuffer).toBeLessThanOrEqual(8);
    const values = await Promise.all(kept.map((y) => y.item()));
    expect(values).toEqual(kept.map((_, i) => i + 2));
  });

  test("are dropped without a trace", async () => {
    const w = variable(0);
    const step = compile(() => {
      w.assign(w.add(1));
      return [w, w.mul(2)];
    });
    await step()[0].item();
    const calls = await countCalls(gpu, async () => {
      for (let i = 0; i < 2000; i++) {
        for (const y of step()) y.dispose();
      }
      await w.data();
    });
    expect(objects(calls)).toEqual({});
  });
});

describe("eager graphs", () => {
  test("of equal structure share one plan", async () => {
    const f = (values: number[]) => tensor(values).mul(2).add(1).tanh().sum();
    await f([1, 2, 3]).item();
    const calls = await countCalls(gpu, async () => {
      await f([4, 5, 6]).item();
      await f([7, 8, 9]).item();
    });
    expect(calls.createShaderModule + calls.createComputePipelineAsync).toBe(0);
    expect(calls.createBindGroup).toBe(0);
  });

  test("and so do those that differ in a tensor of one element", async () => {
    const f = (value: number) =>
      tensor([1, 2])
        .mul(tensor(value))
        .add(tensor([value]))
        .sum();
    await f(3).item();
    const calls = await countCalls(gpu, () => f(4).item());
    expect(objects(calls)).toEqual({});
    expect(await f(5).item()).toBe(25);
  });

  test("of another structure have another one", async () => {
    const calls = await countCalls(gpu, () => tensor([1, 2, 3]).mul(2).add(1).cos().data());
    expect(calls.createShaderModule).toBe(1);
  });
});

test("pipelines are shared between compiled functions", async () => {
  const make = () => compile((v: Tensor) => v.mul(3).sin());
  await make()(Float32Array.of(1, 2)).data();
  const calls = await countCalls(gpu, () => make()(Float32Array.of(3, 4)).data());
  expect(calls.createShaderModule + calls.createComputePipelineAsync).toBe(0);
});

test("pipelines share the layouts of their bindings, whatever the shapes", async () => {
  const f = compile((v: Tensor) => v.mul(5).sinh().sum());
  const made = vi.spyOn(gpu, "createComputePipelineAsync");
  const calls = await countCalls(gpu, async () => {
    for (let n = 20; n < 26; n++) await f(new Float32Array(n)).item();
  });
  const layouts = made.mock.calls.map(([{ layout }]) => layout);
  made.mockRestore();
  // A pipeline with an "auto" layout has descriptor pools of its own: lavapipe crashes at the 85th.
  expect(layouts).toHaveLength(6);
  expect(layouts).not.toContain("auto");
  expect(new Set(layouts).size).toBe(1);
  expect(calls.createBindGroupLayout).toBeLessThanOrEqual(1);
});
