import { beforeEach, expect, test } from "vitest";
import { WebGpuBackend } from "../../../src/backends/webgpu/webgpu-backend.ts";
import {
  compile,
  cumSum,
  init,
  nn,
  optim,
  random,
  tensor,
  variable,
  type Device,
  type Tensor,
} from "../../../src/index.ts";

// Where shaders run on a CPU, the first runs have kernels that compile sooner, and later ones others that run faster.

const { prepare } = WebGpuBackend.prototype;
WebGpuBackend.prototype.prepare = function (program, options) {
  return prepare.call(this, program, { ...options, quick: undefined });
};

let device: Device;
/** The pipelines that were asked for, and of how many at once. */
let asked: string[];
let most: number;

beforeEach(async () => {
  device = await init();
  asked = [];
  most = 0;
  let pending = 0;
  const gpu = device.gpu!;
  const make = gpu.createComputePipelineAsync.bind(gpu);
  gpu.createComputePipelineAsync = async (descriptor) => {
    asked.push(descriptor.label!);
    most = Math.max(most, ++pending);
    try {
      return await make(descriptor);
    } finally {
      pending--;
    }
  };
});

const matrix = (m: number, n: number) => random.uniform([m, n]);

/** Time for what nobody waits for. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 100));

async function until(done: () => boolean) {
  for (let i = 0; i < 100 && !done(); i++) await pause();
  expect(done()).toBe(true);
}

const count = (name: string) => asked.filter((label) => label.startsWith(name)).length;

test("the others come after the second run, one by one, and compute the same", async () => {
  const f = compile(function products(x: Tensor) {
    return x.matmul(x.sin()).matmul(x.cos().transpose()).relu();
  });
  const x = matrix(16, 16);
  await x.data();
  asked = [];
  const first = await f(x).data();
  expect(count("matmul-elements")).toBe(2);
  await pause();
  expect(count("matmul-terms")).toBe(0);
  most = 0;
  const second = await f(x).data();
  await until(() => count("matmul-terms") === 2);
  await pause();
  expect(most).toBe(1);
  const asManyAsBefore = asked.length;
  const third = await f(x).data();
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  expect(asked.length).toBe(asManyAsBefore);
});

test("a plan tells of those that run in the end, and a profile takes their time", async () => {
  const f = compile((x: Tensor) => x.matmul(x));
  const x = matrix(16, 16);
  expect(f.plan(x).dispatches.map((d) => d.kernel)).toEqual(["matmul-terms"]);
  const { dispatches } = await f.profile(x);
  expect(dispatches.map((d) => d.kernel)).toEqual(["matmul-terms"]);
  expect(count("matmul-terms")).toBe(1);
});

test("ready waits for the first ones, and has the others made", async () => {
  const made: number[] = [];
  const f = compile((x: Tensor) => x.matmul(x), { onProgress: ({ done }) => made.push(done) });
  const x = matrix(16, 16);
  await f.ready(x);
  expect(made).toEqual([1]);
  await until(() => count("matmul-terms") === 1);
  expect(made).toEqual([1]);
});

const sums: [string, (x: Tensor) => Tensor][] = [
  ["sums of columns", (x) => x.sum(0)],
  ["means of columns", (x) => x.mul(x).mean(0)],
  ["softmax of columns", (x) => x.softmax(0)],
  ["running sums of columns", (x) => cumSum(x, 0)],
  ["sums of rows", (x) => x.sum(1)],
];
test.each(sums)("%s are the same to the last bit", async (_, f) => {
  for (const [rows, cols] of [
    [64, 256],
    [65, 256],
    [60, 400],
    [512, 100],
  ]) {
    const x = matrix(rows, cols);
    const compiled = compile(f);
    const first = await compiled(x).data();
    await compiled.profile(x);
    expect(await compiled(x).data()).toEqual(first);
  }
});

test("a profile whose kernel is refused while another program is awaited rejects, and nothing else does", async () => {
  const x = matrix(16, 16);
  const f = compile((x: Tensor) => x.matmul(x));
  const expected = await f(x).data();
  const gpu = device.gpu!;
  const make = gpu.createComputePipelineAsync.bind(gpu);
  gpu.createComputePipelineAsync = async (descriptor) => {
    if (descriptor.label!.startsWith("matmul-terms")) {
      throw Object.assign(new Error("refused"), { name: "GPUPipelineError" });
    }
    await pause();
    return make(descriptor);
  };
  const slow = compile((x: Tensor) => x.sin().cos())(x);
  await expect(f.profile(x)).rejects.toThrow("refused");
  await slow.data();
  expect(await f(x).data()).toEqual(expected);
});

test("many runs at once are the same as one by one", async () => {
  const start = tensor(await matrix(64, 64).data(), [64, 64]);
  const w = variable(start);
  const step = compile(() => w.assign(w.matmul(w).mul(1 / 32)));
  step.repeat(40)();
  const together = await w.data();
  w.assign(start);
  for (let i = 0; i < 40; i++) step();
  expect(await w.data()).toEqual(together);
});

test("training is the same to the last bit with the first ones, the others, and both", async () => {
  const model = nn.sequential(nn.linear(64, 80), nn.gelu(), nn.linear(80, 12));
  const parameters = model.parameters();
  const start = await Promise.all(parameters.map((p) => p.data()));
  const optimizer = optim.sgd(parameters, { learningRate: 0.1 });
  const [x, y] = [matrix(70, 64), matrix(70, 12)];
  const step = compile(() => {
    const loss = nn.mse(model.forward(x), y);
    optimizer.minimize(loss);
    return loss;
  });
  const train = async () => {
    parameters.forEach((p, i) => p.assign(tensor(start[i], p.shape)));
    for (let i = 0; i < 30; i++) await step().item();
    return Promise.all(parameters.map((p) => p.data()));
  };
  const during = await train();
  await step.profile();
  asked = [];
  expect(await train()).toEqual(during);
  expect(count("matmul")).toBe(0);
});

test("a device that is lost meanwhile takes neither kind along", async () => {
  const w = variable(matrix(16, 16));
  const f = compile(() => w.matmul(w));
  const expected = await f().data();
  await device.snapshot();
  f();
  const { gpu } = device;
  gpu!.destroy();
  await gpu!.lost;
  for (let i = 0; i < 5; i++) {
    expect(await f().data()).toEqual(expected);
    await pause();
  }
});

test("a device that is disposed meanwhile leaves nothing behind", async () => {
  const f = compile((x: Tensor) => x.matmul(x));
  const x = matrix(16, 16);
  await f(x).data();
  f(x);
  device.dispose();
  await pause();
});
