import { compile, init, tensor, variable, type Tensor, type Variable } from "cotangent";
import { beforeAll, expect, test } from "vitest";
import { countCalls } from "../../semantics/gpu.ts";

// Variables that a plan wishes to lie side by side.

type Device = Awaited<ReturnType<typeof init>>;
let device: Device;

beforeAll(async () => {
  device = await init({ backend: "webgpu" });
});

const numbers = (n: number, seed: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(seed + i));

const SIZES = [3, 64, 70, 5];
const fresh = () => SIZES.map((n, i) => variable(numbers(n, i)));

/** An update of each of some variables: one dispatch where they lie side by side. */
const updateOf = (variables: readonly Variable[]) =>
  compile((x: Tensor) => {
    for (const v of variables) v.assign(v.mul(x).sub(v.square().mul(0.01)).tanh());
  });

/** The variables after some turns of updates of some of them, each by itself. */
async function alone(turns: readonly (readonly number[])[]): Promise<Float32Array[]> {
  const variables = fresh();
  const updates = variables.map((v) => updateOf([v]));
  for (const turn of turns) for (const i of turn) updates[i](0.9);
  return Promise.all(variables.map((v) => v.data<Float32Array>()));
}

const dataOf = (variables: readonly Variable[]) =>
  Promise.all(variables.map((v) => v.data<Float32Array>()));

test("planning changes nothing on the device", async () => {
  const variables = fresh();
  await dataOf(variables);
  const before = device.memory();
  const step = updateOf(variables);
  const calls = await countCalls(device.gpu!, async () => {
    expect(step.explain(tensor(0.5))).toContain("1 dispatch,");
    expect(step.plan(tensor(0.5)).dispatches).toHaveLength(1);
    await step.ready(tensor(0.5));
  });
  expect(device.memory().bytes).toBe(before.bytes);
  expect(device.memory().buffers).toBe(before.buffers);
  // But for the pipelines, which stand ready.
  const { createBuffer, createBindGroup, copies, writes, submits } = calls;
  expect([createBuffer, createBindGroup, copies, writes, submits]).toEqual([0, 0, 0, 0, 0]);

  // A plan that never runs takes nothing from the next.
  const others = updateOf(variables.slice(1));
  others(0.9);
  expect(others.plan().dispatches.map(({ shapes }) => shapes)).toEqual([[[64 + 128 + 64]]]);
  await dataOf(variables);
});

test("of two plans that want variables side by side in two ways, the first to run has its wish", async () => {
  const variables = fresh();
  const [a, b, c, d] = variables;
  const first = updateOf([a, b]);
  const second = updateOf([c, b, d, a]);
  const x = tensor(0.9);
  // Neither of them has run yet.
  await Promise.all([first.ready(x), second.ready(x)]);
  expect(first.plan(x).dispatches).toHaveLength(1);
  expect(second.plan(x).dispatches).toHaveLength(1);
  first(x);
  second(x);
  first(x);
  expect(first.plan().dispatches).toHaveLength(1);
  const expected = await alone([
    [0, 1],
    [2, 1, 3, 0],
    [0, 1],
  ]);
  expect(await dataOf(variables)).toEqual(expected);

  // Those that still can lie side by side do.
  const values = second.plan().dispatches.map(({ shapes }) => shapes.map(([n]) => n));
  expect(values.flat().toSorted((m, n) => m - n)).toEqual([3, 64, 128 + 64]);
});

test("variables that lie side by side for one plan can be used so by another, with more of them", async () => {
  const variables = fresh();
  const first = updateOf(variables.slice(0, 2));
  const second = updateOf(variables);
  for (const step of [first, second, first, second]) step(0.9);
  expect(second.plan().dispatches.flatMap(({ shapes }) => shapes)).toEqual([[128], [192]]);
  const [some, all] = [
    [0, 1],
    [0, 1, 2, 3],
  ];
  expect(await dataOf(variables)).toEqual(await alone([some, all, some, all]));
});

test("tensors of which only the first elements are read stay where they lie", async () => {
  const sizes = [200, 300, 130];
  const first = (x: Tensor) => x.slice([0], [66]).neg();
  const variables = sizes.map((n, i) => variable(numbers(n, i)));
  const step = compile(() => {
    for (const v of variables) v.assign(v.mul(2));
    const products = sizes.map((n, i) =>
      tensor(numbers(n, i))
        .reshape([n, 1])
        .matmul(tensor([[2]])),
    );
    const flat = products.map((y) => y.reshape([-1]));
    return [...variables.map(first), ...flat.map(first), ...flat];
  });
  const found = await Promise.all(step().map((y) => y.data()));
  const doubled = sizes.map((n, i) => numbers(n, i).map((x) => 2 * x));
  const firsts = doubled.map((y) => y.slice(0, 66).map((x) => -x));
  expect(found).toEqual([...firsts, ...firsts, ...doubled]);
  expect(await dataOf(variables)).toEqual(doubled);
});
