import type { Tensor } from "../graph/tensor.ts";
import { add, mul } from "../ops/arithmetic.ts";

/** The gradient with that of weightDecay · p²/2 added. */
export const decayed = (g: Tensor, p: Tensor, weightDecay: number): Tensor =>
  weightDecay === 0 ? g : add(g, mul(p, weightDecay));
