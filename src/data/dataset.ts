import { checkCount, checkNumber } from "../base/check-number.ts";
import type { TypedArray } from "../base/dtype.ts";
import { describeValue } from "../base/describe-value.ts";
import { ArgumentError, ShapeError, ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { isPlainObject } from "../base/tree.ts";
import { Tensor } from "../graph/tensor.ts";
import { tensor } from "../ops/create.ts";
import { reshape } from "../ops/movement.ts";
import { freshSeed } from "../random/fresh-seed.ts";
import { seedOf } from "../base/seed.ts";
import { Batches, type BatchOptions } from "./batches.ts";
import { shuffled } from "./batch-order.ts";
import { mapParts, type Parts } from "./parts.ts";
import { rowsOf } from "./rows.ts";

/** Examples: rows of several tensors that belong together. Subsets share the tensors and copy nothing. */
export class Dataset<K extends string> {
  readonly #parts: Parts<K>;
  /** Which rows of the tensors these are, in this order; null for all of them. */
  readonly #rows: Int32Array | null;
  /** The number of examples. */
  readonly size: number;

  /** @hidden */
  constructor(parts: Parts<K>, rows: Int32Array | null = null) {
    this.#parts = parts;
    this.#rows = rows;
    this.size = rows ? rows.length : (Object.values<Tensor>(parts)[0]?.shape[0] ?? 0);
  }

  /** The names of the parts. */
  get names(): K[] {
    return Object.keys(this.#parts) as K[];
  }

  /**
   * Some of the examples, by their places in this set.
   * @param places whole numbers from 0 to below the size
   * @returns the set of these examples, in this order
   * @throws ValueError where there is no such example
   */
  subset(places: ArrayLike<number>): Dataset<K> {
    if (!Array.isArray(places) && !ArrayBuffer.isView(places)) {
      throw new ArgumentError(`subset: expected places in an array, got ${describeValue(places)}`);
    }
    for (const place of Array.from(places)) {
      if (!Number.isInteger(place) || place < 0 || place >= this.size) {
        throw new ValueError(`subset: there is no example ${place} among ${this.size}`);
      }
    }
    return new Dataset(this.#parts, this.#rowsAt(places));
  }

  /**
   * The first n examples.
   * @param n how many
   * @returns the smaller set
   * @throws ValueError where there are less
   */
  take(n: number): Dataset<K> {
    const fits = (count: number) => Number.isInteger(count) && count >= 0 && count <= this.size;
    checkNumber("take: n", n, `a whole number up to the ${this.size} examples there are`, fits);
    return this.#between(0, n);
  }

  /**
   * The set in an order that the seed fixes; in another one each time where none is given.
   * @param seed a whole number
   * @returns the set in another order
   * @throws ValueError where the seed is none
   */
  shuffle(seed = freshSeed()): Dataset<K> {
    return this.#shuffled(seedOf("shuffle.seed", seed));
  }

  /**
   * A part of the examples, rounded, and the rest; or parts of the lengths given, which add up to the size. Shuffled
   * before where a seed is given, else in order.
   * @param fraction the share of the first part, from 0 to 1
   * @param counts the lengths of the parts
   * @param options the seed of the order
   * @returns the parts
   * @throws ValueError where the parts do not add up to the set
   */
  split(fraction: number, options?: SplitOptions): [Dataset<K>, Dataset<K>];
  split(counts: readonly number[], options?: SplitOptions): Dataset<K>[];
  split(parts: number | readonly number[], options: SplitOptions = {}): Dataset<K>[] {
    checkOptions("split", options, ["seed"]);
    const { seed } = options;
    const counts = Array.isArray(parts) ? parts : halves(parts as number, this.size);
    const total = counts.reduce((sum, n) => sum + n, 0);
    if (total !== this.size || !counts.every((n) => Number.isInteger(n) && n >= 0)) {
      throw new ValueError(
        `split: parts of ${counts.join(", ")} examples do not make up a set of ${this.size}`,
      );
    }
    const set = seed === undefined ? this : this.#shuffled(seedOf("split.seed", seed));
    let start = 0;
    return counts.map((n) => set.#between(start, (start += n)));
  }

  /**
   * The set in batches of so many examples, over and over: each iteration is an epoch.
   * @param batchSize examples in a batch
   * @param options the order, and the last batch
   * @returns what can be iterated, over and over
   */
  batches(batchSize: number, options?: BatchOptions): Batches<K> {
    return new Batches(this, batchSize, options);
  }

  /**
   * The whole set as tensors.
   * @returns each part, with all rows
   */
  tensors(): Parts<K> {
    return this.rows(0, this.size);
  }

  /**
   * Examples `start` to `end`, the last one not included, as tensors; in `order` instead of the set's where one is
   * given.
   * @param start the first example
   * @param end behind the last one
   * @param order places in this set
   * @returns each part, with these rows
   * @throws ValueError where the set has no such examples
   */
  rows(start: number, end: number, order: Int32Array | null = null): Parts<K> {
    checkCount("rows: start", start, 0);
    const fits = (n: number) => Number.isInteger(n) && n >= start && n <= this.size;
    checkNumber("rows: end", end, `a whole number from ${start} to ${this.size}`, fits);
    const places = order?.subarray(start, end);
    const rows = places ? this.#rowsAt(places) : this.#rows?.subarray(start, end);
    return mapParts(this.#parts, (x) => rowsOf(x, rows ?? { start, end }));
  }

  #shuffled(seed: number): Dataset<K> {
    return new Dataset(this.#parts, this.#rowsAt(shuffled(this.size, seed, 0)));
  }

  #between(start: number, end: number): Dataset<K> {
    const rows = this.#rows?.subarray(start, end);
    return new Dataset(
      this.#parts,
      rows ?? Int32Array.from({ length: end - start }, (_, i) => start + i),
    );
  }

  #rowsAt(places: ArrayLike<number>): Int32Array {
    const rows = this.#rows;
    return Int32Array.from(places, (place) => (rows ? rows[place] : place));
  }
}

/** The order of a split. */
export interface SplitOptions {
  /** Shuffles the set before, repeatably; it stays in order without one. */
  seed?: number;
}

function halves(fraction: number, size: number): number[] {
  const fits = (value: number) => value >= 0 && value <= 1;
  checkNumber(
    "split: what it takes",
    fraction,
    "a fraction between 0 and 1 or a list of lengths",
    fits,
  );
  const first = Math.round(fraction * size);
  return [first, size - first];
}

/**
 * A data set of named parts: tensors [n, …], or typed arrays with one number for each example. All have the same number
 * n of rows; otherwise a ValueError. What is given as numbers stays on the host until a batch is made of it.
 * @param parts tensors [n, …], or typed arrays of n numbers, by name
 * @returns the set
 * @throws ValueError where the parts have different numbers of rows, or there are none
 * @throws ShapeError where a part is a scalar
 */
export function dataset<K extends string>(parts: Record<K, Tensor | TypedArray>): Dataset<K> {
  if (!isPlainObject(parts)) {
    throw new ArgumentError(
      `dataset: expected parts by name, as in { x, y }, got ${describeValue(parts)}`,
    );
  }
  const tensors = Object.entries<Tensor | TypedArray>(parts).map(([name, part]) => {
    // Of a variable the values that it has now.
    const x = part instanceof Tensor ? reshape(part, part.shape) : tensor(part);
    if (x.rank === 0) {
      throw new ShapeError(`dataset: ${name} is a scalar; its first axis counts the examples`);
    }
    return [name, x] as const;
  });
  if (tensors.length === 0) throw new ValueError("dataset: it has no parts, such as x and y");
  const lengths = tensors.map(([, x]) => x.shape[0]);
  if (new Set(lengths).size > 1) {
    const listed = tensors.map(([name, x]) => `${name} has ${x.shape[0]}`).join(", ");
    throw new ValueError(`dataset: the parts differ in length: ${listed}`);
  }
  return new Dataset(Object.fromEntries(tensors) as Parts<K>);
}
