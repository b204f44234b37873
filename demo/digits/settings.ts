/** Layer sizes of the networks on offer, and what their hidden layers are called. */
export const networks = {
  "784-10": "none (softmax)",
  "784-128-10": "128 units",
  "784-256-128-10": "256, then 128",
} as const;

/** The usual learning rate of each optimizer. */
export const usualRate = { adam: 1e-3, sgd: 0.1 } as const;

export const batchSizes = [16, 32, 64, 128, 256];
export const epochCounts = [5, 10, 20, 50];

/** What a run is determined by. */
export interface Settings {
  network: keyof typeof networks;
  optimizer: keyof typeof usualRate;
  rate: number;
  batch: number;
  epochs: number;
  seed: number;
}

export const defaults: Settings = {
  network: "784-128-10",
  optimizer: "adam",
  rate: usualRate.adam,
  batch: 64,
  epochs: 20,
  seed: 0,
};

const oneOf = <T>(values: readonly T[], value: unknown, otherwise: T): T =>
  values.find((v) => String(v) === value) ?? otherwise;

const keys = <K extends string>(record: Record<K, unknown>) => Object.keys(record) as K[];

const largestSeed = 2 ** 32 - 1;

/** The settings in a URL's hash; what is missing or makes no sense is the default. */
export function parseSettings(hash: string): Settings {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const optimizer = oneOf(keys(usualRate), given.get("optimizer"), defaults.optimizer);
  const rate = Number(given.get("rate"));
  const seed = Number(given.get("seed") ?? NaN);
  return {
    network: oneOf(keys(networks), given.get("network"), defaults.network),
    optimizer,
    rate: rate >= 1e-4 && rate <= 1 ? rate : usualRate[optimizer],
    batch: oneOf(batchSizes, given.get("batch"), defaults.batch),
    epochs: oneOf(epochCounts, given.get("epochs"), defaults.epochs),
    seed: Number.isInteger(seed) && seed >= 0 && seed <= largestSeed ? seed : defaults.seed,
  };
}

/** The hash that `parseSettings` reads. */
export const formatSettings = (settings: Settings): string =>
  `#${new URLSearchParams(Object.entries(settings).map(([key, value]) => [key, String(value)]))}`;
