import { ValueError } from "../base/errors.ts";
import { checkOptions } from "../base/options.ts";
import { checkList } from "../base/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, div, maximum, minimum, mul, rsqrt, sub } from "../ops/arithmetic.ts";
import { greaterEqual, less, where } from "../ops/compare.ts";
import { full } from "../ops/create.ts";
import { exp, pow } from "../ops/exponential.ts";
import { floorDivide } from "../ops/rounding.ts";
import { cos } from "../ops/trigonometric.ts";
import { complete } from "./complete.ts";

/**
 * The learning rate of the next update from the number of updates made so far, a float32 scalar: 0 for the first.
 * It is computed in the graph, so a compiled step follows it by itself.
 */
export type Schedule = (made: Tensor) => Tensor;

/** factorⁿ; exp keeps its digits where a power of a rounded factor would not. */
const powerOf = (factor: number, n: Tensor): Tensor => exp(mul(n, Math.log(factor)));

/** From 1 down to 0 as x goes from 0 to 1, along half a cosine. */
const halfCosine = (x: Tensor): Tensor => mul(add(cos(mul(x, Math.PI)), 1), 0.5);

/** The same rate for every update. */
export const constant =
  (rate: number): Schedule =>
  () =>
    full([], rate);

/** initial · factorˢ. PyTorch's ExponentialLR. */
export const exponential = (initial: number, options: { factor: number }): Schedule => {
  const { factor } = complete("exponential", { initial }, options, { factor: undefined });
  return (s) => mul(powerOf(factor, s), initial);
};

/** initial · factor^⌊s/every⌋. StepLR. */
export const step = (initial: number, options: { every: number; factor?: number }): Schedule => {
  const defaults = { every: undefined, factor: 0.1 };
  const { every, factor } = complete("step", { initial }, options, defaults);
  return (s) => mul(powerOf(factor, floorDivide(s, every)), initial);
};

/** initial, times `factor` from each of the milestones on. MultiStepLR. */
export const multiStep = (
  initial: number,
  options: { milestones: readonly number[]; factor?: number },
): Schedule => {
  checkOptions("multiStep", options, ["milestones", "factor"]);
  const { milestones, factor = 0.1 } = options;
  checkList("multiStep", "milestones are a list of numbers of updates", milestones);
  return (s) =>
    milestones.reduce(
      (rate, m) => mul(rate, where(greaterEqual(s, m), factor, 1)),
      full([], initial),
    );
};

/** Along half a cosine from initial to final in `steps` updates, and back again after them. CosineAnnealingLR. */
export const cosine = (initial: number, options: { steps: number; final?: number }): Schedule => {
  const defaults = { steps: undefined, final: 0 };
  const { steps, final } = complete("cosine", { initial }, options, defaults);
  return (s) => add(mul(halfCosine(div(s, steps)), initial - final), final);
};

// Cycles that begin after 2²⁴ updates are beyond what a float32 counts.
const MOST_UPDATES = 2 ** 24;

/**
 * Along half a cosine from initial to final in `steps` updates, over and over, each cycle `growth` times as long as the
 * one before, a whole number. Loshchilov, Hutter: "SGDR", 2016; CosineAnnealingWarmRestarts.
 */
export const cosineRestarts = (
  initial: number,
  options: { steps: number; growth?: number; final?: number },
): Schedule => {
  const defaults = { steps: undefined, growth: 1, final: 0 };
  const { steps, growth, final } = complete("cosineRestarts", { initial }, options, defaults);
  // With shorter and shorter cycles there would be no end to them.
  if (growth < 1) throw new ValueError(`cosineRestarts: growth is 1 at least, got ${growth}`);
  return (s) => {
    let since: Tensor;
    let length: Tensor | number = steps;
    if (growth === 1) {
      since = sub(s, mul(floorDivide(s, steps), steps));
    } else {
      let start: Tensor = full([], 0);
      for (let from = steps, n = steps * growth; from < MOST_UPDATES; from += n, n *= growth) {
        const begun = greaterEqual(s, from);
        start = where(begun, from, start);
        length = where(begun, n, length);
      }
      since = sub(s, start);
    }
    return add(mul(halfCosine(div(since, length)), initial - final), final);
  };
};

/** From start · rate to end · rate in `steps` updates, and so on from there. LinearLR. */
export const linearWarmup = (
  rate: number,
  options: { steps: number; start?: number; end?: number },
): Schedule => {
  const defaults = { steps: undefined, start: 1 / 3, end: 1 };
  const { steps, start, end } = complete("linearWarmup", { rate }, options, defaults);
  return (s) => mul(add(mul(minimum(div(s, steps), 1), end - start), start), rate);
};

/** (s + 1)/warmup of the peak for the first updates, then along half a cosine to final at update `steps`. */
export const warmupCosine = (
  peak: number,
  options: { warmup: number; steps: number; final?: number },
): Schedule => {
  const defaults = { warmup: undefined, steps: undefined, final: 0 };
  const { warmup, steps, final } = complete("warmupCosine", { peak }, options, defaults);
  return (s) => {
    const rising = mul(div(add(s, 1), warmup), peak);
    const x = minimum(div(sub(s, warmup), steps - warmup), 1);
    return where(less(s, warmup), rising, add(mul(halfCosine(x), peak - final), final));
  };
};

/** final + (initial − final)(1 − s/steps)^power, and final after that. PolynomialLR. */
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

/** peak · √w min((s + 1)^−½, (s + 1) w^−3/2), greatest at update w. Vaswani et al.: "Attention is all you need", 2017. */
export const inverseSqrt = (peak: number, options: { warmup: number }): Schedule => {
  const { warmup } = complete("inverseSqrt", { peak }, options, { warmup: undefined });
  return (s) => {
    const n = add(s, 1);
    return mul(minimum(mul(rsqrt(n), Math.sqrt(warmup)), div(n, warmup)), peak);
  };
};

/** One schedule after the other: from each milestone on the next, which counts from there. SequentialLR. */
export const sequence = (
  schedules: readonly Schedule[],
  milestones: readonly number[],
): Schedule => {
  checkList("sequence", "schedules are a list", schedules);
  checkList("sequence", "milestones are a list of numbers of updates", milestones);
  const { length } = schedules;
  if (length !== milestones.length + 1) {
    throw new ValueError(
      `sequence: ${length} schedules have ${length - 1} milestones between them, got ${milestones.length}`,
    );
  }
  return (s) =>
    milestones.reduce(
      (rate, from, i) => where(less(s, from), rate, schedules[i + 1](sub(s, from))),
      schedules[0](s),
    );
};
