import { checkCount, checkNumber } from "../base/check-number.ts";
import { checkInstance } from "../base/describe-value.ts";
import { ArgumentError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { isPlainObject } from "../base/tree.ts";
import type { Criterion } from "./criteria.ts";
import { Dataset } from "../data/dataset.ts";
import type { EarlyStopping } from "./training-history.ts";
import { Module, type Layer } from "../nn/module.ts";
import { seedOf } from "../base/seed.ts";
import { Optimizer } from "../optim/optimizer.ts";

/** How far a training run has come. */
export interface Progress<N extends string = never> {
  /** The current epoch, from 1. */
  epoch: number;
  /** How many epochs there are to be. */
  epochs: number;
  /** Steps taken in this epoch, and how many it has. */
  step: number;
  /** How many steps this epoch has. */
  steps: number;
  /** The mean loss of this epoch so far, weighted by batch size. */
  loss: number;
  /** The same of the metrics. */
  metrics: Record<N, number>;
  /** The loss of each step since the last report. */
  losses: number[];
  /** At the end of an epoch only, where there is a validation set. */
  validationLoss?: number;
  /** The same of the metrics. */
  validationMetrics?: Record<N, number>;
}

/** What `fit` trains by. */
export interface FitOptions<N extends string = never> {
  /** The mean loss of a batch, a scalar, such as `nn.softmaxCrossEntropy`. */
  loss: Criterion;
  /** Made for parameters of the model. */
  optimizer: Optimizer;
  /** Passes over the whole set; 1 by default. */
  epochs?: number;
  /** Examples in a batch; 32 by default. The last batch of an epoch is shorter where the set does not divide evenly. */
  batchSize?: number;
  /** Whether each epoch takes the examples in a new random order; true by default. */
  shuffle?: boolean;
  /** Makes the orders repeatable; each call begins with that of the first epoch, so one that goes on takes another seed. */
  seed?: number;
  /** Examples that the model is evaluated on after each epoch. */
  validation?: Dataset<"x" | "y">;
  /** Further scalars to report, each a mean over a batch, such as `nn.accuracy`. */
  metrics?: Record<N, Criterion>;
  /** Called several times in each epoch and at its end; training waits for what it returns. */
  onProgress?: (progress: Progress<N>) => unknown;
  /** Ends training after the steps under way. */
  signal?: AbortSignal;
  /** When to end before the last epoch; never by default. */
  earlyStopping?: EarlyStopping<N>;
  /** Seconds between snapshots, from which a training goes on when its device is lost: 10; Infinity for none. */
  snapshotEvery?: number;
}

/** Throws an ArgumentError or a ValueError for options that `fit` cannot train with. */
export function checkFit<N extends string>(
  model: Layer,
  set: Dataset<"x" | "y">,
  options: FitOptions<N>,
): void {
  checkInstance("fit", model, Module, "a module");
  checkSet("data set", set);
  checkOptions("fit", options, [
    "loss",
    "optimizer",
    "epochs",
    "batchSize",
    "shuffle",
    "seed",
    "validation",
    "metrics",
    "onProgress",
    "signal",
    "earlyStopping",
    "snapshotEvery",
  ]);
  checkInstance("fit", options.loss, Function, "a loss, as nn.mse");
  checkInstance("fit", options.optimizer, Optimizer, "an optimizer, as optim.sgd(…)");
  const { optimizer, epochs = 1, batchSize = 32, seed, snapshotEvery = 10 } = options;
  const { validation, metrics = {}, onProgress, signal } = options;
  if (validation !== undefined) checkSet("validation set", validation);
  if (onProgress !== undefined)
    checkInstance("fit", onProgress, Function, "onProgress, a function");
  if (signal !== undefined) checkInstance("fit", signal, AbortSignal, "an AbortSignal");
  if (!isPlainObject(metrics) || !Object.values(metrics).every((m) => typeof m === "function")) {
    throw new ArgumentError("fit: metrics are functions by name, as in { accuracy: nn.accuracy }");
  }
  if (seed !== undefined) seedOf("fit.seed", seed);
  checkCount("fit: batchSize", batchSize);
  checkCount("fit: epochs", epochs, 0);
  const notNegative = (value: number) => value >= 0;
  checkNumber("fit: snapshotEvery", snapshotEvery, "a number of seconds", notNegative);
  if (!model.parameters().some((p) => optimizer.parameters.includes(p))) {
    throw new ValueError("fit: the optimizer was made for none of the model's parameters");
  }
  checkEarlyStopping(options);
}

function checkSet(kind: string, set: Dataset<"x" | "y">): void {
  checkInstance("fit", set, Dataset, `a ${kind} of x and y`);
  const names: readonly string[] = set.names;
  if (!names.includes("x") || !names.includes("y")) {
    throw new ValueError(`fit: a ${kind} has inputs x and targets y, this one ${names.join(", ")}`);
  }
  if (set.size === 0) throw new ValueError(`fit: the ${kind} has no examples`);
}

function checkEarlyStopping<N extends string>(options: FitOptions<N>): void {
  const { earlyStopping, validation, metrics } = options;
  if (earlyStopping === undefined) return;
  checkOptions("fit.earlyStopping", earlyStopping, [
    "patience",
    "minDelta",
    "monitor",
    "mode",
    "restoreBest",
  ]);
  const { patience, minDelta = 0, monitor, mode = "min" } = earlyStopping;
  checkNumber("fit: patience", patience, "a number of epochs", (value) => value >= 0);
  checkNumber("fit: minDelta", minDelta, "a number ≥ 0", (value) => value >= 0);
  if (!["min", "max"].includes(mode)) {
    throw new ValueError(`fit: mode is "min" or "max", got ${mode}`);
  }
  const known = ["loss", ...(validation ? ["validationLoss"] : []), ...Object.keys(metrics ?? {})];
  if (monitor !== undefined && !known.includes(monitor)) {
    throw new ValueError(`fit: there is no "${monitor}" to monitor, only ${known.join(", ")}`);
  }
}
