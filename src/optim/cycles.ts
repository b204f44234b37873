import { ValueError } from "../base/errors.ts";
import { add, div, maximum, minimum, mul, neg, sub } from "../ops/arithmetic.ts";
import { lessEqual, where } from "../ops/compare.ts";
import { exp } from "../ops/exponential.ts";
import { floorDivide } from "../ops/rounding.ts";
import { cos } from "../ops/trigonometric.ts";
import type { Tensor } from "../graph/tensor.ts";
import { complete } from "./complete.ts";
import type { Schedule } from "./schedules.ts";

/** The shape of `optim.oneCycle`. */
export interface OneCycleOptions {
  /** Updates in all. */
  steps: number;
  /** The part of them in which the rate rises; 0.3 by default. */
  rise?: number;
  /** The first rate is the peak divided by this, 25 by default. */
  startDivisor?: number;
  /** The last rate is the first one divided by this, 10⁴ by default. */
  endDivisor?: number;
  /** How the rate goes from one to the next; along half a cosine by default. */
  shape?: "cosine" | "linear";
  /** Falls as fast as it rose, and from the first rate to the last only then. */
  threePhases?: boolean;
}

/**
 * Up to the peak and down again, once; then it stays at the last rate. Smith, Topin: "Super-convergence", 2017; PyTorch's OneCycleLR.
 * @param peak the greatest rate
 * @param options the number of updates, and the shape of the cycle
 * @returns the schedule
 * @throws ValueError where a number is out of range, or missing
 */
export function oneCycle(peak: number, options: OneCycleOptions): Schedule {
  const { steps, rise, startDivisor, endDivisor, shape, threePhases } = complete(
    "oneCycle",
    { peak },
    options,
    {
      steps: undefined,
      rise: 0.3,
      startDivisor: 25,
      endDivisor: 1e4,
      shape: "cosine",
      threePhases: false,
    },
  );
  checkMode("oneCycle: shape", shape, ["cosine", "linear"]);
  const first = peak / startDivisor;
  const last = first / endDivisor;
  const top = rise * steps - 1;
  const phases = threePhases
    ? [
        { until: top, from: first, to: peak },
        { until: 2 * top, from: peak, to: first },
        { until: steps - 1, from: first, to: last },
      ]
    : [
        { until: top, from: first, to: peak },
        { until: steps - 1, from: peak, to: last },
      ];
  const ends = [0, ...phases.map(({ until }) => until)];
  if (ends.some((until, i) => until === ends[i + 1])) {
    throw new ValueError(`oneCycle: rise ${rise} of ${steps} steps makes a phase of no updates`);
  }
  return (s) => {
    const rates = phases.map(({ until, from, to }, i) => {
      const begin = phases[i - 1]?.until ?? 0;
      const x = minimum(div(sub(s, begin), until - begin), 1);
      // 1 at the beginning of the phase, 0 at its end, and from there on
      const left = shape === "linear" ? sub(1, x) : mul(add(cos(mul(x, Math.PI)), 1), 0.5);
      return add(mul(left, from - to), to);
    });
    return rates.reduceRight((later, rate, i) => where(lessEqual(s, phases[i].until), rate, later));
  };
}

function checkMode(option: string, mode: string, known: readonly string[]): void {
  if (known.includes(mode)) return;
  throw new ValueError(`${option} is one of ${known.join(", ")}, got ${mode}`);
}

/** The shape of `optim.cyclic`. */
export interface CyclicOptions {
  /** Updates from low to high; 2,000 by default. */
  up?: number;
  /** Updates from high to low; as many by default. */
  down?: number;
  /** What becomes of the height: it stays, is halved in each cycle, or shrinks by `factor` in each update. */
  mode?: "triangular" | "triangular2" | "exponential";
  /** Of each update, where the mode is "exponential"; 1 by default. */
  factor?: number;
}

/**
 * Up and down between two rates, over and over. Smith: "Cyclical learning rates", 2015; PyTorch's CyclicLR.
 * @param low the least rate
 * @param high the greatest rate
 * @param options the lengths of rise and fall, and what becomes of their height
 * @returns the schedule
 * @throws ValueError where a number is out of range
 */
export function cyclic(low: number, high: number, options: CyclicOptions = {}): Schedule {
  const { up, down, mode, factor } = complete("cyclic", { low, high }, options, {
    up: 2000,
    down: options?.up ?? 2000,
    mode: "triangular",
    factor: 1,
  });
  checkMode("cyclic: mode", mode, ["triangular", "triangular2", "exponential"]);
  const period = up + down;
  return (s) => {
    const cycle = floorDivide(s, period);
    const at = sub(s, mul(cycle, period));
    const rate = where(lessEqual(at, up), div(at, up), div(sub(period, at), down));
    const height: Record<typeof mode, () => Tensor | number> = {
      triangular: () => 1,
      triangular2: () => exp(mul(neg(cycle), Math.LN2)),
      exponential: () => exp(mul(s, Math.log(factor))),
    };
    return add(mul(mul(maximum(rate, 0), height[mode]()), high - low), low);
  };
}
