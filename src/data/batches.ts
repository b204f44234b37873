import { checkCount } from "../base/check-number.ts";
import { checkOptions } from "../base/options.ts";
import { freshSeed } from "../random/fresh-seed.ts";
import { seedOf } from "../base/seed.ts";
import { shuffled } from "./batch-order.ts";
import type { Parts } from "./parts.ts";

/** The order of batches, and the last one. */
export interface BatchOptions {
  /** Whether each iteration takes the examples in a new random order; false by default. */
  shuffle?: boolean;
  /** Makes the orders repeatable. */
  seed?: number;
  /** Leaves out the last batch where it would be short; it is kept by default. */
  dropLast?: boolean;
}

/** What batches are made of. */
interface RowSource<K extends string> {
  readonly size: number;
  rows(start: number, end: number, order: Int32Array | null): Parts<K>;
}

/** A data set in batches. Every iteration goes through all of them once. */
export class Batches<K extends string> implements Iterable<Parts<K>> {
  /** How many batches an iteration has. */
  readonly length: number;
  readonly #set: RowSource<K>;
  readonly #batchSize: number;
  readonly #seed: number | null;
  #epoch = 0;

  /** @hidden */
  constructor(set: RowSource<K>, batchSize: number, options: BatchOptions = {}) {
    checkCount("batches: batchSize", batchSize);
    checkOptions("batches", options, ["shuffle", "seed", "dropLast"]);
    const { shuffle = false, seed, dropLast = false } = options;
    const whole = set.size / batchSize;
    this.length = dropLast ? Math.floor(whole) : Math.ceil(whole);
    this.#set = set;
    this.#batchSize = batchSize;
    const given = seed === undefined ? null : seedOf("batches.seed", seed);
    this.#seed = shuffle ? (given ?? freshSeed()) : null;
  }

  /**
   * An epoch: all batches once.
   * @returns an object of tensors for each batch, as in `for (const { x, y } of set.batches(64))`
   */
  *[Symbol.iterator](): Generator<Parts<K>, void> {
    const { size } = this.#set;
    const order = this.#seed === null ? null : shuffled(size, this.#seed, this.#epoch++);
    for (let i = 0; i < this.length; i++) {
      const start = i * this.#batchSize;
      yield this.#set.rows(start, Math.min(start + this.#batchSize, size), order);
    }
  }
}
