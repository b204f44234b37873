import { permutationKey, permute } from "../base/threefry.ts";

/** 0 … n − 1 in an order that follows from the seed and the epoch. */
export function shuffled(n: number, seed: number, epoch: number): Int32Array {
  const key = permutationKey(seed, 0, epoch);
  return Int32Array.from({ length: n }, (_, i) => permute(i, n, ...key));
}
