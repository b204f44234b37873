import { checkNumber } from "../base/check-number.ts";
import { checkInstance } from "../base/describe-value.ts";
import { ShapeError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkShape } from "../base/shape.ts";
import { Tensor } from "../graph/tensor.ts";
import { withTrace } from "../graph/trace.ts";
import { Variable } from "../graph/variable.ts";
import { equal, where } from "../ops/compare.ts";
import { gather } from "../ops/gather.ts";
import { checkIndices, checkRange, clipIndex } from "../ops/index-range.ts";
import { iota } from "../ops/iota.ts";
import { expandDims } from "../ops/movement.ts";
import { stopGradient } from "../ops/stop-gradient.ts";
import { normal } from "./init.ts";
import type { Initializer } from "./initializer.ts";
import { Module } from "./module.ts";
import { checkInitializers, startValue } from "./start-values.ts";

/** How the rows of `nn.embedding` start. */
export interface EmbeddingOptions {
  /** An index whose row starts as zeros and is not trained, for the ends of sequences that are filled up. */
  paddingIndex?: number;
  /** By default normal with standard deviation 1, as in PyTorch. */
  weightInit?: Initializer;
}

/** A row of the weight for each index. */
export class Embedding extends Module {
  /** [n, dim] */
  readonly weight: Variable;
  readonly #padding: number | undefined;

  /**
   * @param n how many rows
   * @param dim the length of a row
   * @param options the padding and the start values
   * @throws ShapeError where a size is none
   * @throws ValueError where the padding index is outside of the rows
   */
  constructor(n: number, dim: number, options: EmbeddingOptions = {}) {
    super();
    checkOptions("embedding", options, ["paddingIndex", "weightInit"]);
    checkShape("embedding", [n, dim]);
    if (n === 0) throw new ShapeError("embedding: there are no rows to look up");
    checkInitializers("embedding", options);
    const { paddingIndex, weightInit = normal() } = options;
    if (paddingIndex !== undefined) {
      const what = `a whole number from 0 to ${n - 1}`;
      const isRow = (i: number) => Number.isInteger(i) && i >= 0 && i < n;
      checkNumber("embedding: paddingIndex", paddingIndex, what, isRow);
    }
    this.#padding = paddingIndex;
    this.weight = withTrace(null, () => {
      const start = startValue("embedding", "weightInit", weightInit, [n, dim]);
      if (paddingIndex === undefined) return new Variable(start);
      return new Variable(where(equal(iota([n, 1]), paddingIndex), 0, start));
    });
  }

  /**
   * The rows of these indices.
   * @param indices int32 or uint32 [...]
   * @returns float32 [..., dim]
   * @throws DtypeError where the indices are no integers
   * @throws ValueError where an index that the host knows is out of range
   */
  forward(indices: Tensor): Tensor {
    checkInstance("embedding", indices, Tensor);
    checkIndices("embedding", indices);
    const [n] = this.weight.shape;
    checkRange("embedding", indices, n);
    const rows = gather(this.weight, indices);
    if (this.#padding === undefined) return rows;
    const isPadding = equal(clipIndex(expandDims(indices, indices.rank), n), this.#padding);
    return where(isPadding, stopGradient(rows), rows);
  }
}

/**
 * A layer from indices [...], integers from 0 to n − 1, to rows [..., dim] of its weight [n, dim].
 * @param n how many rows
 * @param dim the length of a row
 * @param options the padding and the start values
 * @throws ShapeError where a size is none
 * @throws ValueError where the padding index is outside of the rows
 * @returns the layer
 */
export const embedding = (n: number, dim: number, options?: EmbeddingOptions): Embedding =>
  new Embedding(n, dim, options);
