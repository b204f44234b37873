let seedOfAll = Math.floor(Math.random() * 2 ** 32);
let eagerCalls = 0;

/** The seed of all draws. */
export const currentSeed = (): number => seedOfAll;

/** Seed and call of the next draw outside of traces. */
export const currentDraw = (): [seed: number, call: number] => [seedOfAll, eagerCalls];

/** The same, for a draw that takes place. */
export const nextCall = (): [seed: number, call: number] => [seedOfAll, eagerCalls++];

/** Goes on from a seed, with the first call or a later one. */
export function restart(seed: number, call = 0): void {
  seedOfAll = seed;
  eagerCalls = call;
}
