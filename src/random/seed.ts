import { describeValue } from "../base/describe-value.ts";
import { ValueError } from "../base/errors.ts";

let seedOfAll = Math.floor(Math.random() * 2 ** 32);
let eagerCalls = 0;

/** The seed of all draws. */
export const currentSeed = (): number => seedOfAll;

/** Seed and call for the next draw outside of traces. */
export const nextCall = (): [seed: number, call: number] => [seedOfAll, eagerCalls++];

/** Begins anew from a seed. */
export function restart(seed: number): void {
  seedOfAll = seed;
  eagerCalls = 0;
}

/** The random word that a seed stands for; throws a ValueError where it is no whole number: others would be cut alike. */
export function seedOf(op: string, seed: number): number {
  if (Number.isInteger(seed)) return seed >>> 0;
  const got = typeof seed === "number" ? seed : describeValue(seed);
  throw new ValueError(`${op}: ${got} is not a whole number`);
}
