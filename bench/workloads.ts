import { networks, product, tasks } from "./data.ts";
import {
  train,
  type Computation,
  type Library,
  type Network,
  type Product,
  type Task,
  type Trainer,
} from "./library.ts";

/** One way of running a workload: a row of the table. */
export interface Mode {
  /** Empty where there is only one. */
  name: string;
  /** Bounds for the units of a run. */
  least: number;
  most: number;
}

/** A workload that a library has compiled and begun. */
export interface Prepared {
  /** What it has computed so far. */
  values: readonly number[];
  /** The fewest units that it can run in a mode. */
  chunkOf(mode: string): number;
  /** Runs so many units, whole chunks, in a mode and waits for their end. */
  run(mode: string, units: number): Promise<unknown>;
}

export interface Workload {
  name: string;
  modes: readonly Mode[];
  /** Of a unit, where speed is told in operations per second. */
  flops: number | null;
  /** Null where the library does not take part. */
  prepare(library: Library): Promise<Prepared | null>;
}

/** What the row of a workload in a mode is called. */
export const rowName = (workload: string, mode: string) =>
  mode === "" ? workload : `${workload}, ${mode}`;

/** How many steps are taken before the losses are compared. */
const COMPARED = 4;

async function queue(trainer: Trainer, steps: number): Promise<number> {
  for (let i = 0; i < steps; i++) trainer.step();
  return trainer.loss();
}

/** The steps that one call repeats. */
const REPEATED = 100;
const REPEAT = `repeat(${REPEATED})`;

const trainingModes: Record<string, (trainer: Trainer, steps: number) => Promise<unknown>> = {
  queued: queue,
  "each read": async (trainer, steps) => {
    for (let i = 0; i < steps; i++) await queue(trainer, 1);
  },
  // Peers that have no such call queue as many steps.
  [REPEAT]: async (trainer, steps) => {
    if (!trainer.repeat) return queue(trainer, steps);
    for (let i = 0; i < steps; i += REPEATED) trainer.repeat(REPEATED);
    return trainer.loss();
  },
};

const training = (name: string, network: () => Network, modes: readonly Mode[]): Workload => ({
  name,
  modes,
  flops: null,
  prepare: async (library) => {
    const trainer = train(library, network());
    if (!trainer) return null;
    return {
      values: [await queue(trainer, COMPARED)],
      chunkOf: (mode) => (mode === REPEAT && trainer.repeat ? REPEATED : 1),
      run: (mode, steps) => trainingModes[mode](trainer, steps),
    };
  },
});

/** Elements that are compared: some odd number of them apart. */
const places = (size: number) => Array.from({ length: 97 }, (_, i) => (i * 8191) % size);

const READ = "each read";

/** A computation that has run once. */
async function started(computation: Computation | null | undefined): Promise<Prepared | null> {
  if (!computation) return null;
  await computation.run(1);
  const all = await computation.values();
  return {
    values: places(all.length).map((place) => all[place]),
    chunkOf: () => 1,
    run: async (mode, times) => {
      if (mode !== READ) {
        await computation.run(times);
        return computation.element();
      }
      for (let i = 0; i < times; i++) {
        await computation.run(1);
        await computation.values();
      }
    },
  };
}

const multiplication = (name: string, product: () => Product, n: number): Workload => ({
  name,
  modes: [{ name: "", least: 1, most: 100 }],
  flops: 2 * n ** 3,
  prepare: (library) => started(library.multiply?.(product())),
});

const computation = (name: string, task: () => Task, mode: string): Workload => ({
  name,
  modes: [{ name: mode, least: 1, most: 100 }],
  flops: null,
  prepare: (library) => started(library.compute?.(task())),
});

const sizes = [256, 512, 1024];
const orientations = ["NN", "NT", "TN", "TT"];

const queued: Mode = { name: "queued", least: 8, most: 100 };

/** The modes of the networks that are trained in more than one. */
const modesOf: Record<string, readonly Mode[]> = {
  MLP: [queued, { ...queued, name: READ }],
  tiny: [queued, { ...queued, name: READ }, { name: REPEAT, least: REPEATED, most: REPEATED }],
};

export const workloads: readonly Workload[] = [
  ...sizes.flatMap((n) =>
    orientations.map((name) =>
      multiplication(`matmul ${n} ${name}`, () => product(n, name[0] === "T", name[1] === "T"), n),
    ),
  ),
  ...Object.entries(networks).map(([name, network]) =>
    training(name, network, modesOf[name.split(" ")[0]] ?? [{ ...queued, least: 1 }]),
  ),
  ...Object.entries(tasks).map(([name, task]) =>
    // What a network says is waited for; the rest is part of something larger.
    computation(name, task, name.startsWith("inference") ? READ : ""),
  ),
];
