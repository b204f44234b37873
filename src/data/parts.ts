import type { Tensor } from "../graph/tensor.ts";

/** The parts of a data set or of a batch by name, each with the same number of rows. */
export type Parts<K extends string> = Record<K, Tensor>;

/** A function applied to every part. */
export function mapParts<K extends string>(parts: Parts<K>, f: (x: Tensor) => Tensor): Parts<K> {
  const entries = Object.entries<Tensor>(parts).map(([name, x]) => [name, f(x)]);
  return Object.fromEntries(entries) as Parts<K>;
}
