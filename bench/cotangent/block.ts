import { matmul, type Tensor } from "cotangent";
import { layerNorm, linear, Module, mse } from "cotangent/nn";
import type { Block, Trains, Values } from "../library.ts";
import { startingFrom, tensorOf, trainerOf } from "./trainer.ts";

export { open } from "./open.ts";

const layer = (weight: Values, bias: Values) =>
  linear(weight.shape[0], weight.shape[1], startingFrom(weight, bias));

function norm(weight: Values, bias: Values) {
  const made = layerNorm(weight.shape);
  made.weight.assign(tensorOf(weight));
  made.bias.assign(tensorOf(bias));
  return made;
}

class TransformerBlock extends Module {
  readonly norms;
  readonly attention;
  readonly up;
  readonly down;
  readonly #heads: number;

  constructor({ parameters, heads }: Block) {
    super();
    const at = (i: number) => [parameters[2 * i], parameters[2 * i + 1]] as const;
    this.norms = [norm(...at(0)), norm(...at(5))];
    // Queries, keys, values, output.
    this.attention = [1, 2, 3, 4].map((i) => layer(...at(i)));
    this.up = layer(...at(6));
    this.down = layer(...at(7));
    this.#heads = heads;
  }

  forward(x: Tensor): Tensor {
    const y = x.add(this.#attend(this.norms[0].forward(x)));
    return y.add(
      this.down.forward(this.up.forward(this.norms[1].forward(y)).gelu({ approximate: "tanh" })),
    );
  }

  #attend(x: Tensor): Tensor {
    const [tokens, width] = x.shape;
    const size = width / this.#heads;
    const split = (y: Tensor) => y.reshape([tokens, this.#heads, size]).transpose([1, 0, 2]);
    const [query, key, value, output] = this.attention;
    const [q, k, v] = [query, key, value].map((layer) => split(layer.forward(x)));
    const weights = matmul(q, k.transpose([0, 2, 1]))
      .div(Math.sqrt(size))
      .softmax(-1);
    const heads = matmul(weights, v).transpose([1, 0, 2]).reshape([tokens, width]);
    return output.forward(heads);
  }
}

export const block: Trains<"block"> = (network) =>
  trainerOf(network, new TransformerBlock(network), mse);
