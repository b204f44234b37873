import { checkNumber } from "../base/check-number.ts";
import { checkInstance } from "../base/describe-value.ts";
import { Tensor } from "../graph/tensor.ts";
import { mul } from "../ops/arithmetic.ts";
import { less, where } from "../ops/compare.ts";
import { reshape } from "../ops/movement.ts";
import { unit } from "../random/draws.ts";
import { Module } from "./module.ts";

/** Drops elements at random in training. */
export class Dropout extends Module {
  readonly #p: number;

  /**
   * @param p the probability that an element is dropped, from 0 to below 1
   * @throws ValueError where it is no such probability
   */
  constructor(p: number) {
    super();
    checkDropout("dropout: p", p);
    this.#p = p;
  }

  /**
   * x with some elements dropped, in training mode; otherwise x.
   * @param x float32
   * @returns float32, of the shape of x
   * @throws ShapeError where x has more elements than can be counted
   */
  forward(x: Tensor): Tensor {
    checkInstance("dropout", x, Tensor);
    // Of a variable the value that it has now.
    if (!this.training || this.#p === 0) return reshape(x, x.shape);
    const keep = 1 - this.#p;
    return where(less(unit(x.shape), keep), mul(x, 1 / keep), 0);
  }
}

/** Throws unless p is a probability that leaves something. */
export const checkDropout = (name: string, p: number): void =>
  checkNumber(name, p, "a probability below 1", (value) => value >= 0 && value < 1);

/**
 * In training mode each element is 0 with probability p and otherwise x/(1 − p), which keeps its mean; in evaluation
 * mode it is x. Throws a ValueError unless 0 ≤ p < 1.
 * Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014.
 * @param p the probability that an element is dropped, from 0 to below 1
 * @throws ValueError where it is no such probability
 * @returns the layer
 */
export const dropout = (p = 0.5): Dropout => new Dropout(p);
