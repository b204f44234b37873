import { checkInstance } from "../base/describe-value.ts";
import { ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkList, show } from "../base/shape.ts";
import { relu } from "./activation-layers.ts";
import { checkDropout, Dropout } from "./dropout.ts";
import { checkLinear, Linear, type LinearOptions } from "./linear.ts";
import { Module, type Layer } from "./module.ts";
import { Sequential } from "./sequential.ts";

/** What is between the linear layers of `nn.mlp`, and how they start. */
export interface MlpOptions extends LinearOptions {
  /** Makes what stands between the linear layers; `nn.relu` by default. */
  activation?: () => Layer;
  /** The probability of dropout after each activation; none by default. */
  dropout?: number;
}

/**
 * A multilayer perceptron: linear layers of the given sizes with an activation between each two.
 * @param sizes the lengths of input, hidden layers and output: [2, 32, 1] has one hidden layer
 * @param options activation, dropout, bias and start values
 * @returns the layers; its forward takes [..., sizes[0]] to [..., the last size]
 * @throws ValueError where there are less than two sizes, or dropout is no probability below 1
 * @throws ShapeError where a size is none
 */
export function mlp(sizes: readonly number[], options: MlpOptions = {}): Sequential {
  checkList("mlp", "sizes are a list of lengths", sizes);
  if (sizes.length < 2) {
    throw new ValueError(`mlp: sizes are those of input and output at least, got ${show(sizes)}`);
  }
  checkOptions("mlp", options, ["activation", "dropout", "bias", "weightInit", "biasInit"]);
  const { activation = relu, dropout: p = 0, ...rest } = options;
  checkInstance(
    "mlp",
    activation,
    Function,
    "activation, a function that makes a layer, as nn.tanh",
  );
  checkDropout("mlp: dropout", p);
  const layers = sizes.slice(1).flatMap((outputs, i): Layer[] => {
    checkLinear("mlp", sizes[i], outputs, rest);
    const layer = new Linear(sizes[i], outputs, rest);
    if (i === sizes.length - 2) return [layer];
    const between: unknown = activation();
    checkInstance("mlp", between, Module, "activation to make a layer");
    return p > 0 ? [layer, between as Layer, new Dropout(p)] : [layer, between as Layer];
  });
  return new Sequential(layers);
}
