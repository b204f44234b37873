import type { Dataset } from "../data/dataset.ts";
import { shuffled } from "../data/batch-order.ts";
import { stepsOf, type Criterion, type BatchStep } from "./criteria.ts";
import type { FitOptions, Progress } from "./fit-options.ts";
import { data } from "../graph/read.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as H from "./training-history.ts";
import { contentsOf, type Layer } from "../nn/module.ts";
import { freshSeed } from "../random/fresh-seed.ts";
import { seedOf } from "../base/seed.ts";
import { Rollback } from "./rollback.ts";
import { Weights } from "./weights.ts";

/** Steps are read in groups: after so many, or so many milliseconds. */
const MOST_STEPS = 50;
const LONGEST_WAIT = 100;

type Examples = Dataset<"x" | "y">;

/** How far a training run has come, as plain data. */
interface TrainingState<N extends string> {
  epoch: number;
  /** Steps made in this epoch. */
  step: number;
  sums: H.Sums;
  history: H.History<N>;
  best: number;
  epochsSinceBest: number;
}

/** A call of `fit`. */
export class Training<N extends string> {
  readonly #model: Layer;
  readonly #set: Examples;
  readonly #options: FitOptions<N>;
  readonly #names: readonly N[];
  readonly #epochs: number;
  readonly #batchSize: number;
  readonly #steps: number;
  readonly #seed: number | null;
  readonly #do: { train: BatchStep; validate: BatchStep };
  readonly #best: Weights;
  readonly #restoreModes: () => void;
  /** Of a model in training mode, modules that are not stay so: a user has frozen them. */
  readonly #toTraining: () => void;
  #state: TrainingState<N>;
  readonly #rollback: Rollback<TrainingState<N>>;
  #order: { epoch: number; order: Int32Array } | null = null;

  constructor(model: Layer, set: Examples, options: FitOptions<N>) {
    const { epochs = 1, batchSize = 32, shuffle = true, seed, snapshotEvery = 10 } = options;
    const { loss, metrics, optimizer } = options;
    this.#model = model;
    this.#set = set;
    this.#options = options;
    this.#names = Object.keys(metrics ?? {}) as N[];
    this.#epochs = epochs;
    this.#batchSize = batchSize;
    this.#steps = Math.ceil(set.size / batchSize);
    const given = seed === undefined ? null : seedOf("fit.seed", seed);
    this.#seed = shuffle ? (given ?? freshSeed()) : null;
    this.#restoreModes = modesOf(model);
    this.#toTraining = model.training ? this.#restoreModes : () => model.train();
    this.#best = new Weights(Object.values(model.namedVariables()));
    this.#state = {
      epoch: 0,
      step: 0,
      sums: H.noSums(),
      history: H.emptyHistory(this.#names),
      best: Infinity,
      epochsSinceBest: 0,
    };
    this.#rollback = new Rollback(optimizer, snapshotEvery, this.#state);
    this.#do = stepsOf(model, optimizer, loss, Object.entries<Criterion>(metrics ?? {}));
  }

  async run(): Promise<H.History<N>> {
    const { earlyStopping, signal } = this.#options;
    try {
      while (this.#state.epoch < this.#epochs && !this.#state.history.stoppedEarly) {
        if (signal?.aborted) {
          this.#state.history.aborted = true;
          break;
        }
        try {
          this.#state = await this.#rollback.settle(this.#state);
          await this.#advance();
        } catch (error) {
          this.#state = this.#rollback.recover(error);
        }
      }
    } finally {
      this.#restoreModes();
    }
    if (earlyStopping?.restoreBest) this.#best.restore();
    return this.#state.history;
  }

  /** Takes a group of steps, reads their scores and reports them; after the last of an epoch, ends that. */
  async #advance(): Promise<void> {
    const state = this.#state;
    this.#toTraining();
    const started = performance.now();
    const pending: { size: number; scores: Tensor }[] = [];
    do {
      const { x, y } = this.#batch(state.step + pending.length);
      pending.push({ size: x.shape[0], scores: this.#do.train(x, y) });
    } while (
      state.step + pending.length < this.#steps &&
      pending.length < MOST_STEPS &&
      performance.now() - started < LONGEST_WAIT
    );
    const read = await Promise.all(pending.map(({ scores }) => wholeData(scores)));
    this.#rollback.advance(pending.length);
    read.forEach((values, i) => H.addBatch(state.sums, pending[i].size, values));
    state.step += pending.length;
    const losses = read.map(([loss]) => loss);
    if (state.step < this.#steps) await this.#report(losses, null);
    else await this.#endEpoch(losses);
    await breathe();
  }

  #batch(i: number): Record<"x" | "y", Tensor> {
    const { epoch } = this.#state;
    if (this.#seed !== null && this.#order?.epoch !== epoch) {
      this.#order = { epoch, order: shuffled(this.#set.size, this.#seed, epoch) };
    }
    const start = i * this.#batchSize;
    const end = Math.min(start + this.#batchSize, this.#set.size);
    return this.#set.rows(start, end, this.#order?.order ?? null);
  }

  async #endEpoch(losses: readonly number[]): Promise<void> {
    const state = this.#state;
    const { validation, earlyStopping } = this.#options;
    const validated = validation ? await this.#try(validation) : null;
    H.record(state.history, H.scoreOf(state.sums, this.#names), validated);
    if (earlyStopping) {
      const value = H.watched(state.history, earlyStopping);
      const better = value < state.best - (earlyStopping.minDelta ?? 0);
      state.epochsSinceBest = better ? 0 : state.epochsSinceBest + 1;
      if (better) state.best = value;
      if (better && earlyStopping.restoreBest) await this.#best.keep();
      state.history.stoppedEarly = !better && state.epochsSinceBest >= earlyStopping.patience;
    }
    await this.#report(losses, validated);
    state.epoch++;
    state.step = 0;
    state.sums = H.noSums();
  }

  /** The mean scores over another set, in evaluation mode. */
  async #try(set: Examples): Promise<H.Score<N>> {
    this.#model.eval();
    const sums = H.noSums();
    const pending: { size: number; scores: Tensor }[] = [];
    const flush = async () => {
      const read = await Promise.all(pending.map(({ scores }) => wholeData(scores)));
      read.forEach((values, i) => H.addBatch(sums, pending[i].size, values));
      pending.length = 0;
      await breathe();
    };
    for (const { x, y } of set.batches(this.#batchSize)) {
      pending.push({ size: x.shape[0], scores: this.#do.validate(x, y) });
      if (pending.length === MOST_STEPS) await flush();
    }
    await flush();
    return H.scoreOf(sums, this.#names);
  }

  async #report(losses: readonly number[], validated: H.Score<N> | null): Promise<void> {
    const { epoch, step, sums } = this.#state;
    const progress: Progress<N> = {
      epoch: epoch + 1,
      epochs: this.#epochs,
      step,
      steps: this.#steps,
      ...H.scoreOf(sums, this.#names),
      losses: [...losses],
    };
    if (validated) {
      progress.validationLoss = validated.loss;
      progress.validationMetrics = validated.metrics;
    }
    await this.#options.onProgress?.(progress);
  }
}

/** Notes the modes of a module and of those in it, which may differ; gives what puts them back. */
function modesOf(root: Layer): () => void {
  const modes = contentsOf(root).modules.map((module) => [module, module.training] as const);
  return () => modes.forEach(([module, training]) => (module.training = training));
}

const wholeData = (x: Tensor) => data<Float64Array>(x, { dtype: "float64" });

/** Yields a turn of the event loop to the page; by a message, which unlike a timer is not held up in a hidden tab. */
const breathe = () =>
  new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const go = () => {
      port1.close();
      resolve();
    };
    port1.addEventListener("message", go, { once: true });
    port1.start();
    port2.postMessage(null);
  });
