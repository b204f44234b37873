import { conv2d, layerNorm, nn, type Tensor } from "cotangent";
import { selfAttention } from "./attention.ts";
import { activate } from "./elementwise.ts";
import type { Rules } from "./rule.ts";

/** Whole nets, and parts of some. */
export const composite: Rules = {
  add_bcast: ({ x, b }) => x.mul(b).add(b),
  mlp: ({ x, target, w1, b1, w2, b2, w3, b3 }, { activation }: { activation: string }) => {
    const hidden = (y: Tensor, w: Tensor, b: Tensor) => activate(activation, y.matmul(w).add(b));
    const logits = hidden(hidden(x, w1, b1), w2, b2)
      .matmul(w3)
      .add(b3);
    return { loss: nn.softmaxCrossEntropy(logits, target), logits };
  },
  resnet_block: ({ x, w1, g1, b1, w2, g2, b2 }) => {
    const normal = (y: Tensor, g: Tensor, b: Tensor) =>
      layerNorm(y, [0, 2, 3])
        .mul(g.reshape([-1, 1, 1]))
        .add(b.reshape([-1, 1, 1]));
    const hidden = normal(conv2d(x, w1, { padding: 1 }), g1, b1).relu();
    return normal(conv2d(hidden, w2, { padding: 1 }), g2, b2)
      .add(x)
      .relu();
  },
  transformer_block: (inputs, attrs: { heads: number; causal: boolean }) => {
    const { x, g1, c1, wqkv, wo, g2, c2, w1, w2 } = inputs;
    const qkv = layerNorm(x).mul(g1).add(c1).matmul(wqkv);
    const y = x.add(selfAttention(qkv, attrs).matmul(wo));
    const hidden = layerNorm(y).mul(g2).add(c2).matmul(w1).gelu({ approximate: "tanh" });
    return y.add(hidden.matmul(w2));
  },
};
