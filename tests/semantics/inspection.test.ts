import {
  compile,
  data,
  init,
  nn,
  optim,
  random,
  tensor,
  TraceError,
  variable,
  type Compiled,
  type Tensor,
} from "cotangent";
import { inspect } from "cotangent/check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { backends } from "../backends.ts";

// explain, plan, inspect, profile and validate leave every variable, optimizer state, random counter and resident position as
// it was.

/** A step that has one of each. */
function everything() {
  random.seed(11);
  const model = nn.sequential(nn.linear(2, 3), nn.relu(), nn.dropout(0.2), nn.linear(3, 1));
  const optimizer = optim.adam(model.parameters());
  const running = variable([0, 0], { trainable: false });
  const set = data.dataset({
    x: tensor([
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ]),
    y: tensor([[1], [2], [3], [4]]),
  });
  const batches = data.resident(set, { batchSize: 2, shuffle: true, seed: 1 });
  const step = compile((scale: Tensor) => {
    const { x, y } = batches.next();
    running.assign(running.mul(0.9).add(x.mean(0)));
    const loss = nn.mse(model.forward(x.mul(scale)), y);
    optimizer.minimize(loss);
    return [loss, random.uniform([2])] as const;
  });
  const state = () =>
    Promise.all(
      [
        ...Object.values(model.namedVariables()),
        ...Object.values(optimizer.namedVariables()),
        running,
        batches.position,
      ].map(async (v) => Array.from(await v.data())),
    );
  return { step, state };
}

type Step = Compiled<[Tensor], readonly [Tensor, Tensor]>;

const looks: [string, (step: Step, ...args: [number] | []) => unknown][] = [
  ["explain", (step, ...args) => step.explain(...args)],
  ["plan", (step, ...args) => step.plan(...args)],
  ["inspect", (step, scale = 0.5) => inspect(step as (scale: number) => unknown, scale)],
  ["profile", (step, ...args) => step.profile(...args)],
  ["validate", (step, ...args) => step.validate(...args)],
];

describe.each(backends)("on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  let plain: number[][];

  /** What three steps return. */
  async function run(step: Step, look?: () => unknown): Promise<number[][]> {
    const seen: number[][] = [];
    for (let i = 0; i < 3; i++) {
      for (const y of step(0.5)) seen.push(Array.from(await y.data()));
      await look?.();
    }
    return seen;
  }

  beforeEach(async () => {
    plain ??= await run(everything().step);
  });

  test.each(looks)("%s leaves all state as it was", async (_, look) => {
    const { step, state } = everything();
    const before = await state();
    await look(step, 0.5);
    expect(await state()).toEqual(before);
    expect(await run(step, () => look(step))).toEqual(plain);
  });

  test("without arguments they look at the last call, however many it had", async () => {
    const total = compile((...xs: Tensor[]) => xs.reduce((a, b) => a.add(b)).exp());
    total(tensor([1]), tensor([2]), tensor([3]));
    expect(total.plan().nodes.filter(({ op }) => op === "add")).toHaveLength(2);
    expect((await total.validate()).worst?.relative).toBeLessThan(1e-6);
    const step = compile((x: Tensor) => x.exp());
    expect(() => step.explain()).toThrow(/no last call.*give it arguments/);
    await expect(step.profile()).rejects.toThrow(TraceError);
  });

  test("the order of calls and looks makes no difference where nothing is awaited", async () => {
    const { step } = everything();
    const looked: Promise<unknown>[] = [];
    const results: Tensor[] = [];
    for (let i = 0; i < 2; i++) {
      looked.push(step.profile(0.5), step.validate(0.5));
      results.push(...step(0.5));
    }
    await Promise.all(looked);
    results.push(...step(0.5));
    const seen = await Promise.all(results.map(async (y) => Array.from(await y.data())));
    expect(seen).toEqual(plain);
  });
});
