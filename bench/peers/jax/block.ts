import { nn, numpy as np, type Array as JaxArray } from "@jax-js/jax";
import type { Trains } from "../../library.ts";
import { trainerOf } from "./trainer.ts";

export { open } from "./open.ts";

export const block: Trains<"block"> = (network) => {
  const [tokens, width] = network.x.shape;
  const { heads } = network;
  return trainerOf(network, (p, x, y) => {
    const dense = (x: JaxArray, i: number) => np.matmul(x, p[2 * i]).add(p[2 * i + 1]);
    const norm = (x: JaxArray, i: number) =>
      nn
        .standardize(x)
        .mul(p[2 * i])
        .add(p[2 * i + 1]);
    const normed = norm(x.ref, 0);
    const [q, k, v] = [1, 2, 3].map((i) =>
      dense(i < 3 ? normed.ref : normed, i).reshape([tokens, heads, width / heads]),
    );
    const attended = nn.dotProductAttention(q, k, v).reshape([tokens, width]);
    const z = x.add(dense(attended, 4));
    const out = z.ref.add(dense(nn.gelu(dense(norm(z, 5), 6)), 7));
    return np.square(out.sub(y)).mean();
  });
};
