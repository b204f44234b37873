import {
  checkpoint,
  compile,
  data,
  gather,
  init,
  nn,
  optim,
  random,
  sort,
  stopGradient,
  tensor,
  topK,
  variable,
  zeros,
  type Compiled,
  type Tensor,
} from "cotangent";
import { inspect, type Inspection } from "cotangent/check";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(async () => {
  await init();
});

/** A step's plan, and the memory that it says itself to take. */
interface Seen {
  found: Inspection;
  memory: readonly number[];
}

async function look<A extends unknown[]>(step: Compiled<A, unknown>, ...args: A): Promise<Seen> {
  const { memory } = step.plan(...(args as Parameters<typeof step.plan>));
  return { found: await inspect(step as (...args: A) => unknown, ...args), memory };
}

/** Steps of several kinds, each with the arguments that it is looked at with. */
const steps: Record<string, () => Promise<Seen>> = {
  "a perceptron on resident data, with Adam"() {
    const model = nn.mlp([12, 16, 7, 3]);
    const optimizer = optim.adam(model.parameters());
    const set = data.dataset({ x: random.normal([40, 12]), y: new Int32Array(40) });
    const batches = data.resident(set, { batchSize: 8, shuffle: true });
    const step = compile(() => {
      const { x, y } = batches.next();
      const loss = nn.softmaxCrossEntropy(model.forward(x), y);
      optimizer.minimize(loss);
      return loss;
    });
    return look(step);
  },
  "convolutions, with momentum"() {
    const model = nn.sequential(
      nn.conv2d(1, 4, 3, { padding: "same" }),
      nn.relu(),
      nn.conv2d(4, 3, 8),
    );
    const optimizer = optim.sgd(model.parameters(), { learningRate: 0.1, momentum: 0.9 });
    const step = compile((x: Tensor, y: Tensor) => {
      const loss = nn.softmaxCrossEntropy(model.forward(x).reshape([-1, 3]), y);
      optimizer.minimize(loss);
      return loss;
    });
    return look(step, random.normal([5, 1, 8, 8]), tensor([0, 1, 2, 0, 1], { dtype: "int32" }));
  },
  "ops with kernels of their own, in several stages"() {
    const step = compile((x: Tensor) => {
      const [values, places] = topK(sort(x.mul(2)), 5);
      return [values.sum(), places, x.reshape([-1]), x.softmax(-1)];
    });
    return look(step, random.normal([16, 300]));
  },
  "a table that is looked up, and its gradient"() {
    const table = variable(random.normal([50, 4]));
    const optimizer = optim.adam([table]);
    const step = compile((at: Tensor) => {
      const loss = gather(table, at).square().sum();
      optimizer.minimize(loss);
      return loss;
    });
    return look(step, tensor([1, 7, 7, 49], { dtype: "int32" }));
  },
  "a block that is computed again in the backward pass"() {
    const w = variable(random.normal([6, 6]));
    const block = checkpoint((x: Tensor) => x.matmul(w).tanh().matmul(w).tanh());
    const optimizer = optim.sgd([w], { learningRate: 0.1 });
    const step = compile((x: Tensor) => {
      const loss = block(x).square().mean();
      optimizer.minimize(loss);
      return loss;
    });
    return look(step, random.normal([4, 6]));
  },
  "assignments that are copies, equal values and values that nobody needs"() {
    const [a, b] = [variable(zeros([300])), variable(zeros([3, 100]))];
    const step = compile((x: Tensor) => {
      a.assign(x.reshape([300]));
      b.assign(b.add(x.exp()).add(x.exp()));
      return [stopGradient(x.mul(3)).sum(), x, zeros([0, 3]).mul(2)];
    });
    return look(step, random.normal([3, 100]));
  },
  "nothing at all"() {
    return look(compile(() => []));
  },
};

describe.each(Object.entries(steps))("of %s", (_, make) => {
  let found: Inspection;
  let memory: Seen["memory"];
  beforeAll(async () => {
    random.seed(1);
    ({ found, memory } = await make());
  });

  test("every node is in a dispatch behind those of its arguments, or it is said why in none", () => {
    const { nodes, dispatches } = found;
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const reasons = ["given", "as it lies", "not needed"];
    for (const { op, inputs, dispatch, dispatches: all } of nodes) {
      if (typeof dispatch === "string") {
        expect(reasons, op).toContain(dispatch);
        expect(inputs.length === 0 || dispatch !== "given", op).toBe(true);
        continue;
      }
      expect(all, op).toContain(dispatch);
      for (const i of all) expect(dispatches[i]?.kernel, op).toEqual(expect.any(String));
      for (const id of inputs) {
        const before = byId.get(id)!.dispatch;
        if (typeof before === "number") expect(before, op).toBeLessThanOrEqual(dispatch);
      }
    }
    const used = new Set(nodes.flatMap((node) => node.dispatches));
    expect(used.size).toBe(dispatches.length);
  });

  test("values that are alive together lie apart, and fill what the plan says", () => {
    const { blocks, dispatches, temporaryBytes, argumentBytes } = found;
    const inBuffer = (kind: string) => blocks.filter((block) => block.kind === kind);
    const temporary = inBuffer("temporary");
    const end = (all: typeof temporary) => Math.max(0, ...all.map((b) => b.offset + b.bytes));
    expect(end(temporary)).toBe(temporaryBytes);
    expect(end(inBuffer("argument"))).toBe(argumentBytes);
    for (const [i, a] of temporary.entries()) {
      expect(a.first).toBeLessThanOrEqual(a.last);
      for (const b of temporary.slice(0, i)) {
        const apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
        expect(apart || a.first > b.last || b.first > a.last).toBe(true);
      }
    }
    const alive = dispatches.map((_, i) =>
      temporary
        .filter(({ first, last }) => first <= i && i <= last)
        .reduce((sum, { bytes }) => sum + bytes, argumentBytes),
    );
    expect(alive).toEqual(memory);
  });

  test("a dispatch binds blocks that are alive, as its shader declares them", () => {
    for (const [i, { wgsl, bindings, workgroups }] of found.dispatches.entries()) {
      expect(workgroups).toBeGreaterThan(0);
      const declared = [...wgsl.matchAll(/@binding\((\d+)\) var<storage, (\w+)>/g)];
      expect(bindings.map(({ index, access }) => `${index} ${access}`).sort()).toEqual(
        declared.map(([, index, access]) => `${index} ${access}`).sort(),
      );
      for (const { isWritten, access, blocks } of bindings) {
        expect(blocks.length).toBeGreaterThan(0);
        if (isWritten) expect(access).toBe("read_write");
        for (const k of blocks) {
          const { kind, first, last } = found.blocks[k];
          expect(first <= i && i <= last).toBe(true);
          if (isWritten) expect(["temporary", "variable"]).toContain(kind);
        }
      }
    }
  });
});

test("a value that is cheap belongs to each dispatch that computes it", async () => {
  const c = random.normal([300]);
  const step = compile((x: Tensor) => {
    const y = x.add(1);
    return [y.sum(0), y.mul(c).sum(1)];
  });
  const { nodes, dispatches } = await inspect(step, random.normal([300, 300]));
  const add = nodes.find(({ op }) => op === "add")!;
  expect(dispatches.length).toBeGreaterThan(1);
  expect(add.dispatches.length).toBeGreaterThan(1);
  expect(nodes.filter(({ dispatch }) => dispatch === "given").map(({ op }) => op)).toEqual(
    expect.arrayContaining(["input", "constant", "stored"]),
  );
});

test("variables are blocks of their sizes", async () => {
  const numbers = (n: number) => tensor(new Float32Array(n));
  const [a, b] = [variable(numbers(1024)), variable(numbers(6400))];
  const { blocks } = await inspect(() => {
    a.assign(a.add(1));
    b.assign(b.mul(2));
  });
  const held = blocks.filter(({ kind }) => kind === "variable");
  expect(held.map(({ bytes }) => bytes)).toEqual([4096, 25_600]);
});

test("typed arrays have the shapes that the step gives them; an error in the step is its own", async () => {
  const step = compile((x: Tensor) => x.sum(0), { inputs: [[-1, 3]] });
  const { nodes } = await inspect(step as (x: Float32Array) => Tensor, new Float32Array(6));
  expect(nodes.map(({ shape }) => shape)).toEqual([[2, 3], [3]]);
  await expect(inspect((x: Tensor) => x.matmul(x), zeros([2, 3]))).rejects.toThrow(/matmul/);
  await expect(inspect(null as never)).rejects.toThrow(/inspect.*a function/);
});

test("on the reference each op is a dispatch of its own", async () => {
  const cpu = await init({ backend: "cpu" });
  const { nodes, dispatches, blocks } = await inspect((x: Tensor) => x.exp().sum(), tensor([1, 2]));
  expect(nodes.map(({ op, dispatch }) => [op, dispatch])).toEqual([
    ["input", "given"],
    ["exp", 0],
    ["sum", 1],
  ]);
  expect(dispatches.map(({ kernel }) => kernel)).toEqual(["exp", "sum"]);
  expect(blocks).toEqual([]);
  cpu.dispose();
});
