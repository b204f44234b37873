import { describeValue } from "./describe-value.ts";
import { ArgumentError, ValueError } from "./errors.ts";

/**
 * Throws an ArgumentError where something else stands for a number, and a ValueError where the number does not fit.
 * `name` is what it is called, as in "huber: delta"; `what` says what it has to be.
 */
export function checkNumber(
  name: string,
  value: unknown,
  what: string,
  fits: (value: number) => boolean,
): asserts value is number {
  if (typeof value !== "number") {
    throw new ArgumentError(`${name} is ${what}, got ${describeValue(value)}`);
  }
  if (!fits(value)) throw new ValueError(`${name} is ${what}, got ${value}`);
}

/** The same for a number of things, which is whole and `least` at least. */
export function checkCount(name: string, value: unknown, least = 1): asserts value is number {
  const fits = (n: number) => Number.isInteger(n) && n >= least;
  checkNumber(name, value, `a whole number ≥ ${least}`, fits);
}
