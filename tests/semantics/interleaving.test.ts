import { compile, init, tensor, variable, type Tensor, type Variable } from "cotangent";
import { expect, test } from "vitest";
import { randomOf } from "../graphs/agreement.ts";
import { collectGarbage } from "./collect.ts";

// What is asked for while pipelines compile waits in a queue. Meanwhile tensors are collected, disposed and made, and
// none may get the room that something in the queue still reads or writes. Random programs, on the GPU and on the
// reference: COTANGENT_PROGRAMS is how many, COTANGENT_SEED where to start.

const { env } = process;
const count = Number(env["COTANGENT_PROGRAMS"] ?? 4);
const first = Number(env["COTANGENT_SEED"] ?? 1);

/** Values that lie in a page, and values with buffers of their own. */
const SIZES = [3, 1500];
const ACTIONS = 120;

type Step = (x: Tensor, y: Tensor) => Tensor[];

/** Tensors of one size, and what is done with them. */
interface World {
  size: number;
  values: Tensor[];
  variables: Variable[];
  steps: Step[];
}

/** Holds a device's pipelines back until they are let through, however fast they are made: each text is compiled once. */
class Gate {
  #waiting: (() => void)[] = [];
  isOpen = false;

  constructor(gpu: GPUDevice) {
    const texts = new WeakMap<GPUShaderModule, string>();
    const made = new Map<string, Promise<GPUComputePipeline>>();
    const [makeModule, makePipeline] = [gpu.createShaderModule, gpu.createComputePipelineAsync];
    gpu.createShaderModule = (descriptor) => {
      const module = makeModule.call(gpu, descriptor);
      texts.set(module, descriptor.code);
      return module;
    };
    gpu.createComputePipelineAsync = async (descriptor) => {
      const text = texts.get(descriptor.compute.module)!;
      const pipeline = made.get(text) ?? makePipeline.call(gpu, descriptor);
      made.set(text, pipeline);
      if (!this.isOpen) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return pipeline;
    };
  }

  letThrough(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const { gpu } = await init();
const gate = new Gate(gpu!);

/** A program under way: where its decisions come from, and what it has read. */
class Play {
  readonly #random: () => number;
  readonly reads: Promise<ArrayLike<number>>[] = [];
  readonly isGpu: boolean;

  constructor(seed: number, isGpu: boolean) {
    this.#random = randomOf(seed);
    this.isGpu = isGpu;
  }

  below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Takes one of them away; the last one stays. */
  take<T>(list: T[]): T | undefined {
    return list.length > 1 ? list.splice(this.below(list.length), 1)[0] : undefined;
  }

  tensor(size: number): Tensor {
    const start = 1 + this.below(50);
    return tensor(Float32Array.from({ length: size }, (_, i) => start + (i % 7)));
  }
}

/** A compiled function with a constant and a variable of its own. */
function makeStep(play: Play, { size, variables }: World): Step {
  const constant = play.tensor(size);
  const computed = play.tensor(size).add(1);
  const rate = (1 + play.below(3)) / 4;
  const w = play.of(variables);
  return compile((x: Tensor, y: Tensor) => {
    w.assign(w.mul(0.5).add(x.mul(rate)));
    return [x.mul(0.5).add(constant), y.mul(rate).add(computed), w];
  });
}

/** What a program may do next. */
const actions: ((play: Play, world: World) => void | Promise<void>)[] = [
  // Calls; a step whose variable was disposed is no more.
  ...Array.from({ length: 4 }, () => (play: Play, { values, steps }: World) => {
    values.push(...play.of(steps)(play.of(values), play.of(values)));
    while (values.length > 8) values.shift();
  }),
  (play, { values, variables, steps }) => {
    const [step, w] = [play.of(steps), play.of(variables)];
    values.push(step(w, play.of(values))[play.below(2)]);
  },
  ...Array.from({ length: 3 }, () => (play: Play, world: World) => {
    const { steps, values } = world;
    steps.push(makeStep(play, world));
    values.push(...steps.at(-1)!(play.of(values), play.of(values)));
  }),
  // Assignments and lazy values, some of which are never read.
  ...Array.from({ length: 4 }, () => (play: Play, { values, variables }: World) => {
    const w = play.of(variables);
    w.assign(w.mul(0.5).add(play.of(values)));
  }),
  (play, { values, variables }) => {
    values.push(play.of(variables).mul(0.25).add(play.of(values)));
  },
  (play, { values, size }) => {
    values.push(play.tensor(size));
  },
  (play, { values, variables }) => {
    play.reads.push(play.of([...values, ...variables]).data());
  },
  // Places on the device, which stay until the tensor is disposed.
  (play, { values }) => {
    const x = play.of(values);
    if (play.isGpu) x.gpuBuffer().catch(() => {});
  },
  // Ends.
  (play, { values }) => {
    play.take(values);
    play.take(values);
  },
  (play, { values }) => {
    play.take(values)?.dispose();
  },
  (play, world) => {
    const { variables, size } = world;
    const old = play.take(variables);
    if (!old) return;
    variables.push(variable(play.tensor(size)));
    world.steps = [makeStep(play, world)];
    if (play.below(2) === 0) old.dispose();
  },
  ...Array.from({ length: 2 }, () => (play: Play) => (play.isGpu ? collectGarbage(1) : undefined)),
  // Some of what waits is done, and what is asked for next may wait for the rest.
  async (play) => {
    if (play.below(2) === 0) gate.letThrough();
    await new Promise((resolve) => setTimeout(resolve));
  },
];

/** Carries out a random program on a new device; returns all that it read. */
async function outcome(seed: number, isGpu: boolean): Promise<number[][]> {
  using _ = await init(isGpu ? { gpu } : { backend: "cpu" });
  gate.isOpen = false;
  const play = new Play(seed, isGpu);
  const worlds = SIZES.map((size): World => {
    const variables = [variable(play.tensor(size)), variable(play.tensor(size))];
    const world: World = { size, values: [play.tensor(size)], variables, steps: [] };
    world.steps.push(makeStep(play, world));
    return world;
  });
  for (let i = 0; i < ACTIONS; i++) await play.of(actions)(play, play.of(worlds));
  for (const { values, variables } of worlds) {
    for (const x of [...values, ...variables]) play.reads.push(x.data());
  }
  gate.isOpen = true;
  gate.letThrough();
  return (await Promise.all(play.reads)).map((data) => Array.from(data));
}

test("an old value that is copied for nobody is not written over a constant", async () => {
  await init({ gpu });
  gate.isOpen = false;
  const [w, constant] = [variable([7]), tensor([1, 2, 3, 4])];
  const step = compile((x: Tensor) => {
    w.assign(w.add(1));
    return x.add(constant);
  });
  const x = tensor(new Float32Array(4));
  step(x);
  const assign = () => w.assign(w.mul(1));
  assign();
  const second = step(x);
  await collectGarbage();
  gate.isOpen = true;
  gate.letThrough();
  expect(await second.array()).toEqual([1, 2, 3, 4]);
  expect(await step(x).array()).toEqual([1, 2, 3, 4]);
  expect(await w.item()).toBe(10);
});

test.each(Array.from({ length: count }, (_, i) => first + i))(
  "calls, assignments, reads and collections in any order, seed %i",
  async (seed) => {
    const [expected, got] = [await outcome(seed, false), await outcome(seed, true)];
    const wrong = got.flatMap((data, i) =>
      data.every((v, j) => Math.abs(v - expected[i][j]) <= 1e-5 * Math.abs(expected[i][j]))
        ? []
        : [{ read: i, of: got.length, got: data.slice(0, 8), expected: expected[i].slice(0, 8) }],
    );
    expect(wrong).toEqual([]);
  },
);
