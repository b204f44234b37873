import {
  compile,
  data,
  init,
  nn,
  optim,
  random,
  tensor,
  variable,
  ValueError,
  type Tensor,
} from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

const upTo = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

describe.each(backends)("repeat(n) on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test("runs n times on the same arguments and puts the results behind each other", async () => {
    const w = variable([0, 0]);
    const step = compile((x: Tensor, n: Tensor) => {
      w.assign(w.add(x.mul(n)));
      return { w, sum: w.sum(), x };
    });
    const { w: ws, sum, x } = step.repeat(3)(Float32Array.of(1, 2), 10);
    expect([ws.shape, sum.shape, x.shape]).toEqual([[3, 2], [3], [3, 2]]);
    expect(await ws.array()).toEqual([
      [10, 20],
      [20, 40],
      [30, 60],
    ]);
    expect(await sum.array()).toEqual([30, 60, 90]);
    expect(await x.array()).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(await w.array()).toEqual([30, 60]);
  });

  test("once is n = 1, with a leading axis; calls and repetitions go on from each other", async () => {
    const w = variable(0);
    const step = compile(() => {
      w.assign(w.add(1));
      return w;
    });
    const one = step.repeat(1)();
    expect([one.shape, await one.array()]).toEqual([[1], [1]]);
    expect(await step().item()).toBe(2);
    expect(await step.repeat(4)().array()).toEqual([3, 4, 5, 6]);
    w.assign(tensor(100));
    expect(await step.repeat(2)().array()).toEqual([101, 102]);
  });

  test("constant results are repeated, large ones too", async () => {
    const c = tensor([1, 2]).add(0);
    const f = compile(() => [c, tensor(5), random.uniform([2000]).mul(0)]);
    const [a, b, large] = f.repeat(2)();
    expect(await a.array()).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(await b.array()).toEqual([5, 5]);
    expect([large.shape, await large.sum().item()]).toEqual([[2, 2000], 0]);
  });

  test("trains like a loop", async () => {
    const make = () => {
      random.seed(3);
      const model = nn.sequential(nn.linear(2, 4), nn.tanh(), nn.linear(4, 1));
      const optimizer = optim.adam(model.parameters(), { learningRate: 0.05 });
      return compile((x: Tensor, y: Tensor) => {
        const loss = nn.mse(model.forward(x), y);
        optimizer.minimize(loss);
        return loss;
      });
    };
    const x = tensor([
      [0, 1],
      [1, 0],
    ]);
    const y = tensor([[1], [0]]);
    const looped: number[] = [];
    const step = make();
    for (let i = 0; i < 5; i++) looped.push(await step(x, y).item());
    expect(await make().repeat(5)(x, y).array()).toEqual(looped);
  });

  test("takes the next batch in each repetition, and goes on from there", async () => {
    const set = data.dataset({ x: upTo(7), y: upTo(7) });
    const batches = data.resident(set, { batchSize: 2, shuffle: true, seed: 4 });
    const next = compile(() => batches.next().x);
    const dealt = await next.repeat(6)().data();
    batches.reset();
    const single: number[] = [];
    for (let i = 0; i < 6; i++) single.push(...(await next().data()));
    expect(Array.from(dealt)).toEqual(single);
    // Full batches only; each epoch deals anew among all seven.
    for (const epoch of [single.slice(0, 6), single.slice(6)]) expect(new Set(epoch).size).toBe(6);
  });

  test("a variable among the arguments has the value that it had at the call, however often it is assigned", async () => {
    const w = variable([1, 2]);
    const step = compile((x: Tensor) => {
      w.assign(w.add(x));
      return w;
    });
    const n = backend === "cpu" ? 200 : 20_000;
    const all = await step.repeat(n)(w).array();
    expect(all).toEqual(Array.from({ length: n }, (_, i) => [i + 2, 2 * (i + 2)]));
    expect(await step(w).array()).toEqual([2 * (n + 1), 4 * (n + 1)]);
  });

  test("a hundred thousand steps are cut where a submission would be long", async () => {
    const w = variable(0);
    const step = compile(() => {
      w.assign(w.add(1));
      return w;
    });
    const n = backend === "cpu" ? 2000 : 100_000;
    const all = await step.repeat(n)().data();
    expect([all.length, all[0], all[n - 1], await w.item()]).toEqual([n, 1, n, n]);
  });

  test.each([0, -1, 1.5, NaN])("%d repetitions are an error", (n) => {
    const f = compile(() => tensor(1));
    expect(() => f.repeat(n)).toThrow(ValueError);
    expect(() => f.repeat(n)).toThrow(
      `repeat: the number of repetitions is a whole number ≥ 1, got ${n}`,
    );
  });
});

test("the short last batch is kept by set.batches, and left out of resident ones", async () => {
  await init({ backend: "cpu" });
  const set = data.dataset({ x: upTo(5) });
  expect(Array.from(set.batches(2), ({ x }) => x.shape)).toEqual([[2], [2], [1]]);
  const batches = data.resident(set, { batchSize: 2 });
  const sizes = Array.from({ length: 4 }, () => batches.next().x.shape);
  expect(sizes).toEqual([[2], [2], [2], [2]]);
});
