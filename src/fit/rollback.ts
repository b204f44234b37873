import { DeviceLostError } from "../base/errors.ts";
import { currentBackend } from "../graph/backend.ts";
import { item } from "../graph/read.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { takeSnapshot } from "../snapshot.ts";

/** Devices lost in a row, with no step between them, from which it goes on: then it may be the step that kills them. */
const MOST_LOSSES = 3;

/**
 * Takes a training run back to the last snapshot when its device is lost. The device restores the variables; this keeps
 * the state that the run was in then, as plain data. That they have been restored shows in the optimizer's count of
 * updates, which is one of them.
 */
export class Rollback<S> {
  readonly #optimizer: Optimizer;
  /** Milliseconds between snapshots. */
  readonly #interval: number;
  #kept: S;
  #keptAt = -Infinity;
  /** How many updates the optimizer has made, as far as is known. */
  #updates = 0;
  /** How many devices were lost since anything was read. */
  #losses = 0;

  constructor(optimizer: Optimizer, seconds: number, state: S) {
    this.#optimizer = optimizer;
    this.#interval = seconds * 1000;
    this.#kept = structuredClone(state);
  }

  /** The state to go on from: this one, or that of the last snapshot. Takes a snapshot when it is time. */
  async settle(state: S): Promise<S> {
    if (await this.#hasGoneBack()) return structuredClone(this.#kept);
    const backend = this.#optimizer.step.backend ?? currentBackend();
    const due = performance.now() - this.#keptAt >= this.#interval;
    if (!due || !backend || this.#interval === Infinity) return state;
    await takeSnapshot(backend);
    if (await this.#hasGoneBack()) return structuredClone(this.#kept);
    this.#kept = structuredClone(state);
    this.#keptAt = performance.now();
    return state;
  }

  /** Notes that so many more updates have been made. */
  advance(updates: number): void {
    this.#updates += updates;
    this.#losses = 0;
  }

  /** The state to go on from after a lost device. Any other error is rethrown, and so is a fourth loss in a row. */
  recover(error: unknown): S {
    if (!(error instanceof DeviceLostError) || ++this.#losses > MOST_LOSSES) throw error;
    this.#updates = 0;
    return structuredClone(this.#kept);
  }

  async #hasGoneBack(): Promise<boolean> {
    const before = this.#updates;
    this.#updates = await item(this.#optimizer.step);
    return this.#updates < before;
  }
}
