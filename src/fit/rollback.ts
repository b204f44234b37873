import { DeviceLostError } from "../base/errors.ts";
import { currentBackend } from "../graph/backend.ts";
import { item } from "../graph/read.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import { takeSnapshot } from "../snapshot.ts";

/** Devices lost in a row, with no step between them, from which it goes on: then it may be the step that kills them. */
const MOST_LOSSES = 3;

/**
 * The way back of a training whose device is lost. The variables come back as they were in the last snapshot; this
 * keeps where the training was then, as plain data. That they have come back shows in the number of updates that the
 * optimizer has made, for it is one of them.
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

  /** So many updates have been made. */
  advance(updates: number): void {
    this.#updates += updates;
    this.#losses = 0;
  }

  /** The state to go on from after an error: a lost device, that is; anything else is thrown, and too many in a row. */
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
