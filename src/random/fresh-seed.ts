import { permutationKey } from "../base/threefry.ts";
import { nextCall } from "./generator.ts";

// A file of its own: with an import of the host's random bits in random.ts, bundlers would put the modules that the
// reference shares with a program into three more files for it to load.

/** A seed for something that draws on the host: another one each time, and the same again after `seed`. */
export function freshSeed(): number {
  const [seed, call] = nextCall();
  return permutationKey(seed, 0, call)[0];
}
