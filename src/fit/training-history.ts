/** The course of a training run, with an entry for each whole epoch. */
export interface History<N extends string = never> {
  /** The mean of the batches' losses before each update, weighted by their sizes. */
  loss: number[];
  /** The same of the metrics. */
  metrics: Record<N, number[]>;
  /** The loss on the validation set after the epoch; empty where there is none. */
  validationLoss: number[];
  /** The same of the metrics. */
  validationMetrics: Record<N, number[]>;
  /** Whether the signal ended training. */
  aborted: boolean;
  /** Whether early stopping ended training. */
  stoppedEarly: boolean;
}

/** A loss and metrics at one point of a training run. */
export interface Score<N extends string> {
  loss: number;
  metrics: Record<N, number>;
}

/** A history without an entry. */
export function emptyHistory<N extends string>(names: readonly N[]): History<N> {
  const lists = () => Object.fromEntries(names.map((name) => [name, []])) as unknown;
  return {
    loss: [],
    metrics: lists() as Record<N, number[]>,
    validationLoss: [],
    validationMetrics: lists() as Record<N, number[]>,
    aborted: false,
    stoppedEarly: false,
  };
}

/** Adds an epoch. */
export function record<N extends string>(
  history: History<N>,
  { loss, metrics }: Score<N>,
  validation: Score<N> | null,
): void {
  history.loss.push(loss);
  for (const name in metrics) history.metrics[name].push(metrics[name]);
  if (!validation) return;
  history.validationLoss.push(validation.loss);
  for (const name in validation.metrics) {
    history.validationMetrics[name].push(validation.metrics[name]);
  }
}

/** Sums over batches, weighted by their sizes: of the loss, then of the metrics. */
export interface Sums {
  count: number;
  sums: number[];
}

export const noSums = (): Sums => ({ count: 0, sums: [] });

/** Adds a batch of so many examples. */
export function addBatch(total: Sums, size: number, values: ArrayLike<number>): void {
  total.count += size;
  Array.from(values).forEach((value, i) => {
    total.sums[i] = (total.sums[i] ?? 0) + size * value;
  });
}

export function scoreOf<N extends string>({ count, sums }: Sums, names: readonly N[]): Score<N> {
  const metrics = Object.fromEntries(names.map((name, i) => [name, sums[i + 1] / count]));
  return { loss: sums[0] / count, metrics: metrics as Record<N, number> };
}

/** When `fit` ends before the last epoch. */
export interface EarlyStopping<N extends string = never> {
  /** Epochs in a row without an improvement on the best so far after which training ends. */
  patience: number;
  /** An improvement must be greater than this to count; 0 by default. */
  minDelta?: number;
  /**
   * What is watched: a loss, or a metric, that of the validation set where there is one. By default the loss on the
   * validation set, or else the training's.
   */
  monitor?: "loss" | "validationLoss" | N;
  /** Whether less is better ("min", as by default for losses) or more is ("max", as by default for metrics). */
  mode?: "min" | "max";
  /** Gives the model the weights of the best epoch when training ends. */
  restoreBest?: boolean;
}

/** What early stopping watches, in the last epoch, turned so that less is better. */
export function watched<N extends string>(
  history: History<N>,
  { monitor, mode }: EarlyStopping<N>,
): number {
  const validated = history.validationLoss.length > 0;
  const name = monitor ?? (validated ? "validationLoss" : "loss");
  const signed = (values: readonly number[], usual: "min" | "max") =>
    ((mode ?? usual) === "min" ? 1 : -1) * (values.at(-1) ?? NaN);
  if (name === "loss") return signed(history.loss, "min");
  if (name === "validationLoss") return signed(history.validationLoss, "min");
  return signed((validated ? history.validationMetrics : history.metrics)[name], "max");
}
