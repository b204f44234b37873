import { ArgumentError } from "../base/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { reshape } from "../ops/movement.ts";
import { Module, type Layer } from "./module.ts";

/** Layers one after the other; they are its fields 0, 1, 2, … */
export class Sequential extends Module {
  readonly [index: number]: Layer;
  /** How many layers. */
  readonly length: number;

  /** @param layers in their order */
  constructor(layers: readonly Layer[]) {
    super();
    Object.assign(this, layers);
    this.length = layers.length;
  }

  /**
   * All layers, one after the other.
   * @param x what the first layer takes
   * @returns what the last layer makes
   */
  forward(x: Tensor): Tensor {
    let y = x;
    for (let i = 0; i < this.length; i++) y = this[i].forward(y);
    // Of a variable the value that it has now.
    return y === x ? reshape(x, x.shape) : y;
  }
}

/**
 * A module that applies `layers` in order. Its variables are named "0.weight", "2.bias", …
 * @param layers modules whose forward takes a tensor and gives one
 * @returns the module
 */
export function sequential(...layers: Layer[]): Sequential {
  layers.forEach((layer, i) => {
    if (!(layer instanceof Module)) {
      throw new ArgumentError(
        `sequential: argument ${i} is not a module; ops have one, as in nn.relu()`,
      );
    }
  });
  return new Sequential(layers);
}
