import { checkCount, checkNumber } from "../base/check-number.ts";
import { describeValue } from "../base/describe-value.ts";
import { ArgumentError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkList } from "../base/shape.ts";

/** What a number has to be. */
type Condition = [what: string, fits: (value: number) => boolean];

const atLeast = (least: number): Condition => [
  `a number ≥ ${least}`,
  (value) => Number.isFinite(value) && value >= least,
];
const wholeAtLeast = (least: number): Condition => [
  `a whole number ≥ ${least}`,
  (value) => Number.isInteger(value) && value >= least,
];
const positive: Condition = ["a positive number", (value) => Number.isFinite(value) && value > 0];

/** Those of the numbers that are not just rates, which are 0 at least. */
const conditions: Record<string, Condition> = {
  steps: wholeAtLeast(1),
  every: wholeAtLeast(1),
  up: wholeAtLeast(1),
  down: wholeAtLeast(1),
  warmup: wholeAtLeast(0),
  factor: positive,
  startDivisor: positive,
  endDivisor: positive,
  growth: atLeast(1),
  rise: ["a number from 0 to 1", (value) => value >= 0 && value <= 1],
};

/**
 * The options of a schedule with its defaults, undefined for a number that has to be given. Throws an ArgumentError for
 * what is of another kind than it should be, lists aside, and a ValueError for numbers that it cannot follow.
 */
export function complete<T extends object>(
  name: string,
  rates: Record<string, number>,
  options: T,
  defaults: { [K in keyof T]-?: T[K] | undefined },
): Required<T> {
  checkOptions(name, options, Object.keys(defaults) as (keyof T & string)[]);
  const all = { ...defaults };
  for (const key in all) all[key] = options[key] ?? all[key];
  for (const [key, value] of Object.entries<unknown>({ ...rates, ...all })) {
    const kind = typeof (defaults[key as keyof T] ?? 0);
    if (kind === "number")
      checkNumber(`${name}: ${key}`, value, ...(conditions[key] ?? atLeast(0)));
    else if (kind !== "object" && typeof value !== kind) {
      throw new ArgumentError(`${name}: ${key} is a ${kind}, got ${describeValue(value)}`);
    }
  }
  return all as Required<T>;
}

/** Throws unless milestones are a list of numbers of updates. */
export function checkMilestones(name: string, milestones: readonly number[]): void {
  checkList(name, "milestones are a list of numbers of updates", milestones);
  for (const milestone of milestones) {
    checkCount(`${name}: a milestone`, milestone, 0);
  }
}
