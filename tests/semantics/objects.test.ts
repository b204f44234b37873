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
    const other = random.normal([2, 4]);
    await other.data();
    const turn = () => [f(onDevice, x()), f(other, x()), f(tensor(x(), [2, 4]), other)];
    await Promise.all([...turn(), ...turn()].map((y) => y.item()));
    const calls = await countCalls(gpu, () => {
      for (let i = 0; i < 10; i++) turn();
    });
    expect(objects(calls)).toEqual({});
  });

  test("whether the batches are new", async () => {
    const f = compile((a: Tensor) => a.mul(2).sum());
    const fresh = Array.from({ length: 12 }, (_, i) => random.normal([500]).add(i));
    await Promise.all(fresh.map((a) => a.data()));
    await f(fresh[0]).item();
    const calls = await countCalls(gpu, () => {
      for (const a of fresh.slice(1)) f(a);
      for (let i = 0; i < 10; i++) f(tensor(new Float32Array(500).fill(i)));
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

describe("what is given again", () => {
  /** Values of a page, and with buffers of their own. */
  test.each([5, 3000])("is neither written nor copied again: %i elements", async (n) => {
    const k = tensor(Float32Array.from({ length: n }, (_, i) => i % 7)).add(1);
    const f = compile((a: Tensor, b: Tensor, c: Tensor) => a.mul(b).add(c.mul(k)).sum());
    const fromHost = tensor(Float32Array.from({ length: n }, (_, i) => i % 5));
    const onDevice = tensor(Float32Array.from({ length: n }, (_, i) => i % 3)).add(0.5);
    let expected = 0;
    for (let i = 0; i < n; i++) expected += (i % 5) * ((i % 3) + 0.5) + (i % 5) * ((i % 7) + 1);
    // The same tensor stands for two arguments.
    const turn = () => f(fromHost, onDevice, fromHost);
    expect(await turn().item()).toBeCloseTo(expected, 0);
    expect(await turn().item()).toBeCloseTo(expected, 0);
    const calls = await countCalls(gpu, async () => {
      for (let i = 0; i < 5; i++) expect(await turn().item()).toBeCloseTo(expected, 0);
    });
    expect(objects(calls)).toEqual({});
    expect(calls.writes).toBe(0);
    // The results go to their page and to the host.
    expect(calls.copies).toBe(10);
  });

  test("is what an earlier call returned, or stands where another tensor stood", async () => {
    const f = compile((a: Tensor, b: Tensor) => [a.mul(0.5).add(b), a, b.neg()]);
    let [a, b] = [tensor([1, 2, 3, 4]), tensor([8, 8, 8, 8]).mul(1)];
    const [numbers, other] = [
      [1, 2, 3, 4],
      [8, 8, 8, 8],
    ];
    for (let i = 0; i < 6; i++) {
      const [y, same, negative] = f(a, b);
      const again = f(a, b);
      const expected = numbers.map((v, j) => v / 2 + other[j]);
      for (const [half, own, minus] of [[y, same, negative], again]) {
        expect(await half.array()).toEqual(expected);
        expect(await own.array()).toEqual(numbers);
        expect(await minus.array()).toEqual(other.map((v) => -v));
      }
      [a, b] = [again[0], i % 2 === 0 ? same : y];
      other.splice(0, 4, ...(i % 2 === 0 ? numbers : expected));
      numbers.splice(0, 4, ...expected);
      if (i % 3 === 0) [y, again[1]].forEach((x) => x !== b && x.dispose());
    }
  });

  test("keeps its value in a repetition, and while a variable among the arguments changes", async () => {
    const w = variable([1, 1]);
    const f = compile((a: Tensor, v: Tensor) => {
      w.assign(w.add(a));
      return v.add(a);
    });
    const a = tensor([1, 2]);
    for (let i = 0; i < 3; i++) {
      const before = [1 + 5 * i, 1 + 10 * i];
      const expected = [before[0] + 1, before[1] + 2];
      expect(await f.repeat(4)(a, w).array()).toEqual([expected, expected, expected, expected]);
      expect(await f(a, w).array()).toEqual([before[0] + 5, before[1] + 10]);
    }
  });

  test("has bind groups of its own, of which a number are kept: others are copied", async () => {
    const f = compile((a: Tensor) => a.mul(3).sum());
    const many = Array.from({ length: 80 }, (_, i) => tensor([i, 1]));
    const turn = async () => {
      const sums = await Promise.all(many.map((a) => f(a).item()));
      expect(sums).toEqual(many.map((_, i) => 3 * (i + 1)));
    };
    await turn();
    const made = await countCalls(gpu, turn);
    expect(made.createBindGroup).toBe(64);
    const calls = await countCalls(gpu, turn);
    expect(calls.createBindGroup).toBe(0);
    expect(calls.writes).toBe(0);
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
    const some = kept.flatMap((y, i) => (i % 97 === 0 ? [{ y, i }] : []));
    const values = await Promise.all(some.map(({ y }) => y.item()));
    expect(values).toEqual(some.map(({ i }) => i + 2));
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
