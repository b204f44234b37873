import { checkCount } from "../base/check-number.ts";
import { checkInstance } from "../base/describe-value.ts";
import { ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import type { Tensor } from "../graph/tensor.ts";
import { withTrace } from "../graph/trace.ts";
import type { Variable } from "../graph/variable.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import { tensor, variable } from "../ops/create.ts";
import { gather } from "../ops/gather.ts";
import { iota } from "../ops/iota.ts";
import { freshSeed } from "../random/fresh-seed.ts";
import { seedOf } from "../base/seed.ts";
import { permuted } from "../random/draws.ts";
import { floorDivide } from "../ops/rounding.ts";
import { Dataset } from "./dataset.ts";
import { mapParts, type Parts } from "./parts.ts";

/** The batches of `data.resident`, and their order. */
export interface ResidentOptions {
  /** Examples in a batch. */
  batchSize: number;
  /** Whether each epoch takes the examples in a new random order; false by default. */
  shuffle?: boolean;
  /** Makes the orders repeatable. */
  seed?: number;
}

/**
 * A data set on the device that hands out its own batches. The place of the next one is a variable on the device, so
 * steps can follow each other without the host.
 */
export class Resident<K extends string> {
  /** Examples in a batch. */
  readonly batchSize: number;
  /** Batches in an epoch; examples that do not fill one are left out, and shuffled in with all others for the next. */
  readonly length: number;
  /** The number of batches handed out so far. */
  readonly position: Variable;
  readonly #parts: Parts<K>;
  readonly #size: number;
  readonly #seed: number | null;

  /** @hidden */
  constructor(set: Dataset<K>, options: ResidentOptions) {
    checkInstance("resident", set, Dataset, "a data set");
    checkOptions("resident", options, ["batchSize", "shuffle", "seed"]);
    const { batchSize, shuffle = false, seed } = options;
    checkCount("resident: batchSize", batchSize);
    if (batchSize > set.size) {
      throw new ValueError(
        `resident: a set of ${set.size} examples does not fill a batch of ${batchSize}`,
      );
    }
    this.batchSize = batchSize;
    this.length = Math.floor(set.size / batchSize);
    this.#size = set.size;
    const given = seed === undefined ? null : seedOf("resident.seed", seed);
    this.#seed = shuffle ? (given ?? freshSeed()) : null;
    // A set made while a function is traced outlasts the trace.
    [this.position, this.#parts] = withTrace(null, () => [
      variable(tensor(0, { dtype: "int32" }), { trainable: false }),
      mapParts(set.tensors(), lasting),
    ]);
  }

  /**
   * The next batch, each part [batchSize, …]; in a compiled function, another one in each call and repetition.
   * @returns tensors that stand for the batch
   */
  next(): Parts<K> {
    const dealt = this.position.value;
    const epoch = floorDivide(dealt, this.length);
    const first = mul(sub(dealt, mul(epoch, this.length)), this.batchSize);
    const places = add(iota([this.batchSize]), first);
    const seed = this.#seed;
    const rows = seed === null ? places : permuted(places, this.#size, seed, epoch);
    this.position.assign(add(dealt, 1));
    return mapParts(this.#parts, (x) => gather(x, rows));
  }

  /** Begins again with the first batch of the first epoch. */
  reset(): void {
    this.position.assign(tensor(0, { dtype: "int32" }));
  }
}

/** Numbers that the host knows are sent to the device once, and again to the next where that is lost. */
const lasting = (x: Tensor): Tensor =>
  x.source?.kind === "constant" ? x : variable(x, { trainable: false });

/**
 * Puts a data set on the device, to be handed out in batches of equal size; a ValueError if it does not fill one.
 * @param set the data set
 * @param options the size of a batch, and the order
 * @returns the set on the device
 * @throws ValueError where it does not fill a batch, or an option is out of range
 */
export const resident = <K extends string>(
  set: Dataset<K>,
  options: ResidentOptions,
): Resident<K> => new Resident(set, options);
