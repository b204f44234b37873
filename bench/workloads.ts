import { classifier, product, tinyNet } from "./data.ts";
import type { Library, Network, Product, Trainer } from "./library.ts";
import { elementsOf, lossesOf } from "./reference.ts";

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
  prepare(library: Library): Promise<Prepared>;
  /** What `values` should be. */
  expected(): readonly number[];
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

const training = (network: Network, modes: readonly Mode[]): Workload => ({
  name: network.name,
  modes,
  flops: null,
  prepare: async (library) => {
    const trainer = library.train(network);
    const value = await queue(trainer, COMPARED);
    return {
      values: [value],
      chunkOf: (mode) => (mode === REPEAT && trainer.repeat ? REPEATED : 1),
      run: (mode, steps) => trainingModes[mode](trainer, steps),
    };
  },
  expected: () => lossesOf(network, COMPARED).slice(-1),
});

/** Elements of a product that are compared: some odd number of them apart. */
const placesIn = ({ n }: Product) => Array.from({ length: 97 }, (_, i) => (i * 8191) % (n * n));

const multiplication = (name: string, product: Product): Workload => ({
  name,
  modes: [{ name: "", least: 1, most: 100 }],
  flops: 2 * product.n ** 3,
  prepare: async (library) => {
    const multiplier = library.multiply(product);
    multiplier.chain(1);
    const all = await multiplier.values();
    return {
      values: placesIn(product).map((place) => all[place]),
      chunkOf: () => 1,
      run: (_, products) => {
        multiplier.chain(products);
        return multiplier.element();
      },
    };
  },
  expected: () => elementsOf(product, placesIn(product)),
});

const sizes = [256, 512, 1024];
const orientations = ["NN", "NT", "TN", "TT"];
const stepModes: readonly Mode[] = [
  { name: "queued", least: 8, most: 100 },
  { name: "each read", least: 8, most: 100 },
];

export const workloads: readonly Workload[] = [
  ...sizes.flatMap((n) =>
    orientations.map((name) =>
      multiplication(`matmul ${n} ${name}`, product(n, name[0] === "T", name[1] === "T")),
    ),
  ),
  ...[64, 128, 256].map((batch) => training(classifier(batch), stepModes)),
  training(tinyNet(), [...stepModes, { name: REPEAT, least: REPEATED, most: REPEATED }]),
];
