import { ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { show } from "../base/shape.ts";
import { relu } from "./activations.ts";
import { dropout } from "./dropout.ts";
import { linear, type LinearOptions } from "./linear.ts";
import type { Layer } from "./module.ts";
import { sequential, type Sequential } from "./sequential.ts";

export interface MlpOptions extends LinearOptions {
  /** Makes what stands between the linear layers; `nn.relu` by default. */
  activation?: () => Layer;
  /** The probability of dropout after each activation; none by default. */
  dropout?: number;
}

/** A multilayer perceptron: linear layers of the given sizes with an activation between each two. */
export function mlp(sizes: readonly number[], options: MlpOptions = {}): Sequential {
  if (sizes.length < 2) {
    throw new ValueError(`mlp: sizes are those of input and output at least, got ${show(sizes)}`);
  }
  checkOptions("mlp", options, ["activation", "dropout", "bias", "weightInit", "biasInit"]);
  const { activation = relu, dropout: p = 0, ...rest } = options;
  const layers = sizes.slice(1).flatMap((outputs, i): Layer[] => {
    const layer = linear(sizes[i], outputs, rest);
    if (i === sizes.length - 2) return [layer];
    return p > 0 ? [layer, activation(), dropout(p)] : [layer, activation()];
  });
  return sequential(...layers);
}
