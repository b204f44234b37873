import { checkInstance } from "../base/describe-value.ts";
import { ValueError } from "../base/errors.ts";
import { checkList, show } from "../base/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, div, maximum, minimum, mul, rsqrt, sub } from "../ops/arithmetic.ts";
import { greater, greaterEqual, less, where } from "../ops/compare.ts";
import { full } from "../ops/create.ts";
import { exp, expm1, log1p, pow } from "../ops/exponential.ts";
import { floorDivide, round } from "../ops/rounding.ts";
import { cos } from "../ops/trigonometric.ts";
import { checkMilestones, complete } from "./complete.ts";

/**
 * The learning rate of the next update from the number of updates made so far, a float32 scalar: 0 for the first.
 * It is computed in the graph, so a compiled step follows it by itself.
 */
export type Schedule = (made: Tensor) => Tensor;

/** factorⁿ; exp keeps its digits where a power of a rounded factor would not. */
const powerOf = (factor: number, n: Tensor): Tensor => exp(mul(n, Math.log(factor)));

/** From 1 down to 0 as x goes from 0 to 1, along half a cosine. */
const halfCosine = (x: Tensor): Tensor => mul(add(cos(mul(x, Math.PI)), 1), 0.5);

/**
 * The same rate for every update.
 * @param rate of every update
 * @returns the schedule
 * @throws ValueError where a number is out of range
 */
export const constant = (rate: number): Schedule => {
  complete("constant", { rate }, {}, {});
  return () => full([], rate);
};

/**
 * initial · factorˢ. PyTorch's ExponentialLR.
 * @param initial the first rate
 * @param options the factor from one update to the next
 * @returns the schedule
 * @throws ValueError where a number is out of range, or missing
 */
export const exponential = (initial: number, options: { factor: number }): Schedule => {
  const { factor } = complete("exponential", { initial }, options, { factor: undefined });
  return (s) => mul(powerOf(factor, s), initial);
};

/**
 * initial · factor^⌊s/every⌋. StepLR.
 * @param initial the first rate
 * @param options from how many updates to the next factor, and the factor, 0.1 by default
 * @returns the schedule
 * @throws ValueError where a number is out of range, or missing
 */
export const step = (initial: number, options: { every: number; factor?: number }): Schedule => {
  const defaults = { every: undefined, factor: 0.1 };
  const { every, factor } = complete("step", { initial }, options, defaults);
  return (s) => mul(powerOf(factor, floorDivide(s, every)), initial);
};

/**
 * initial, times `factor` from each of the milestones on. MultiStepLR.
 * @param initial the first rate
 * @param options the numbers of updates after which the rate changes, and the factor, 0.1 by default
 * @returns the schedule
 * @throws ValueError where a number is out of range
 */
export const multiStep = (
  initial: number,
  options: { milestones: readonly number[]; factor?: number },
): Schedule => {
  const defaults = { milestones: [], factor: 0.1 };
  const { milestones, factor } = complete("multiStep", { initial }, options, defaults);
  checkMilestones("multiStep", options.milestones);
  return (s) =>
    milestones.reduce(
      (rate, m) => mul(rate, where(greaterEqual(s, m), factor, 1)),
      full([], initial),
    );
};

/**
 * Along half a cosine from initial to final in `steps` updates, and back again after them. CosineAnnealingLR.
 * @param initial the first rate
 * @param options the number of updates, and the last rate, 0 by default
 * @returns the schedule
 * @throws ValueError where a number is out of range, or missing
 */
export const cosine = (initial: number, options: { steps: number; final?: number }): Schedule => {
  const defaults = { steps: undefined, final: 0 };
  const { steps, final } = complete("cosine", { initial }, options, defaults);
  return (s) => add(mul(halfCosine(div(s, steps)), initial - final), final);
};

/** Updates since the cycle began that update s is in, and the length of that cycle, where all are equally long. */
function equalCycles(s: Tensor, steps: number): [since: Tensor, length: number] {
  return [sub(s, mul(floorDivide(s, steps), steps)), steps];
}

/**
 * The same where each cycle is g times as long as the one before, g > 1: cycle k begins at
 * steps (1 + g + … + gᵏ⁻¹) = steps (gᵏ − 1)/(g − 1), and so s is in cycle ⌊log_g(1 + s (g − 1)/steps)⌋.
 */
function growingCycles(s: Tensor, steps: number, g: number): [since: Tensor, length: Tensor] {
  const rate = Math.log(g);
  // Whole numbers that rounding has moved are put back, so that a cycle begins in the very update that it should.
  const exact = (x: Tensor) => (Number.isInteger(g) ? round(x) : x);
  const begin = (k: Tensor) => exact(mul(expm1(mul(k, rate)), steps / (g - 1)));
  // The logarithm may be just below a whole number or just above it; which of the two is told by where the cycle begins.
  const nearest = round(div(log1p(mul(s, (g - 1) / steps)), rate));
  const k = where(greater(begin(nearest), s), sub(nearest, 1), nearest);
  return [sub(s, begin(k)), exact(mul(exp(mul(k, rate)), steps))];
}

/**
 * Along half a cosine from initial to final in `steps` updates, over and over, each cycle `growth` times as long as the
 * one before. Loshchilov, Hutter: "SGDR", 2016; CosineAnnealingWarmRestarts.
 * @param initial the first rate of each cycle
 * @param options the updates of the first cycle, the growth of cycles, 1 by default, and the last rate, 0 by default
 * @returns the schedule
 * @throws ValueError where a number is out of range, or missing
 */
export const cosineRestarts = (
  initial: number,
  options: { steps: number; growth?: number; final?: number },
): Schedule => {
  const defaults = { steps: undefined, growth: 1, final: 0 };
  const { steps, growth, final } = complete("cosineRestarts", { initial }, options, defaults);
  return (s) => {
    const [since, length] = growth === 1 ? equalCycles(s, steps) : growingCycles(s, steps, growth);
    return add(mul(halfCosine(div(since, length)), initial - final), final);
  };
};

/**
 * From start · rate to end · rate in `steps` updates, and so on from there. LinearLR.
 * @param rate what start and end are parts of
 * @param options the number of updates, the first part, 1/3 by default, and the last, 1 by default
 * @returns the schedule
 * @throws ValueError where a number is out of range, or missing
 */
export const linearWarmup = (
  rate: number,
  options: { steps: number; start?: number; end?: number },
): Schedule => {
  const defaults = { steps: undefined, start: 1 / 3, end: 1 };
  const { steps, start, end } = complete("linearWarmup", { rate }, options, defaults);
  return (s) => mul(add(mul(minimum(div(s, steps), 1), end - start), start), rate);
};

/**
 * (s + 1)/warmup of the peak for the first updates, then along half a cosine to final at update `steps`.
 * @param peak the greatest rate
 * @param options updates of the warmup, updates in all, and the last rate, 0 by default
 * @returns the schedule
 * @throws ValueError where a number is out of range, or missing
 */
export const warmupCosine = (
  peak: number,
  options: { warmup: number; steps: number; final?: number },
): Schedule => {
  const defaults = { warmup: undefined, steps: undefined, final: 0 };
  const { warmup, steps, final } = complete("warmupCosine", { peak }, options, defaults);
  if (steps <= warmup) {
    throw new ValueError(`warmupCosine: steps is more than warmup, got ${steps} and ${warmup}`);
  }
  return (s) => {
    const rising = mul(div(add(s, 1), warmup), peak);
    const x = minimum(div(sub(s, warmup), steps - warmup), 1);
    return where(less(s, warmup), rising, add(mul(halfCosine(x), peak - final), final));
  };
};

/**
 * final + (initial − final)(1 − s/steps)^power, and final after that. PolynomialLR.
 * @param initial the first rate
 * @param options the number of updates, the power, 1 by default, and the last rate, 0 by default
 * @returns the schedule
 * @throws ValueError where a number is out of range, or missing
 */
export const polynomial = (
  initial: number,
  options: { steps: number; power?: number; final?: number },
): Schedule => {
  const defaults = { steps: undefined, power: 1, final: 0 };
  const { steps, power, final } = complete("polynomial", { initial }, options, defaults);
  return (s) => {
    const left = maximum(div(sub(steps, s), steps), 0);
    return add(mul(power === 1 ? left : pow(left, power), initial - final), final);
  };
};

/**
 * peak · √w min((s + 1)^−½, (s + 1) w^−3/2), greatest at update w. Vaswani et al.: "Attention is all you need", 2017.
 * @param peak the greatest rate
 * @param options updates of the warmup
 * @returns the schedule
 * @throws ValueError where a number is out of range, or missing
 */
export const inverseSqrt = (peak: number, options: { warmup: number }): Schedule => {
  const { warmup } = complete("inverseSqrt", { peak }, options, { warmup: undefined });
  if (warmup === 0) throw new ValueError("inverseSqrt: warmup is a whole number ≥ 1, got 0");
  return (s) => {
    const n = add(s, 1);
    return mul(minimum(mul(rsqrt(n), Math.sqrt(warmup)), div(n, warmup)), peak);
  };
};

/**
 * One schedule after the other: from each milestone on the next, which counts from there. SequentialLR.
 * @param schedules one after the other
 * @param milestones the numbers of updates after which the next begins, one less than there are schedules
 * @returns the schedule
 * @throws ValueError where milestones are too many, too few, or not in order
 */
export const sequence = (
  schedules: readonly Schedule[],
  milestones: readonly number[],
): Schedule => {
  checkList("sequence", "schedules are a list", schedules);
  for (const schedule of schedules) {
    checkInstance("sequence", schedule, Function, "a schedule, as optim.constant(0.1)");
  }
  checkMilestones("sequence", milestones);
  const { length } = schedules;
  if (length !== milestones.length + 1) {
    throw new ValueError(
      `sequence: ${length} schedules have ${length - 1} milestones between them, got ${milestones.length}`,
    );
  }
  if (milestones.some((from, i) => from < (milestones[i - 1] ?? 0))) {
    throw new ValueError(`sequence: milestones are in ascending order, got ${show(milestones)}`);
  }
  return (s) =>
    milestones.reduce(
      (rate, from, i) => where(less(s, from), rate, schedules[i + 1](sub(s, from))),
      schedules[0](s),
    );
};
