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
