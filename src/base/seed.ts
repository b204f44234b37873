import { describeValue } from "./describe-value.ts";
import { ValueError } from "./errors.ts";

/** The random word that a seed stands for; throws a ValueError where it is no whole number: others would be cut alike. */
export function seedOf(op: string, seed: number): number {
  if (Number.isInteger(seed)) return seed >>> 0;
  const got = typeof seed === "number" ? seed : describeValue(seed);
  throw new ValueError(`${op}: ${got} is not a whole number`);
}
