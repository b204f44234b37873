import bands from "./bands.json" with { type: "json" };
import type { RecipeName } from "./list.ts";
import type { EpochResult } from "./recipes.ts";

/** The epochs after each of which a recipe can be judged. */
export const judgedEpochs = bands.recipes["mlp-adam"].trainLossMean.map((_, i) => i + 1);

/** The seeds by whose median a recipe is judged. */
export const seeds = [0, 1, 2];

// The bands come from five runs, and a trainer that is as good is now and then just outside of them.
const accuracyMargin = 0.01;
const lossMargin = 0.05;

/** An interval. */
export interface Limits {
  low: number;
  high: number;
}

/** An interval that a number is to lie in. */
export interface Band extends Limits {
  value: number;
}

/** How the last epochs of several seeds compare with PyTorch's. */
export interface Verdict {
  accuracy: Band;
  loss: Band;
  inside: boolean;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const holds = ({ value, low, high }: Band) => low <= value && value <= high;

/** What the medians of a recipe are to lie in after so many epochs. */
export function limitsOf(name: RecipeName, epochs: number): { accuracy: Limits; loss: Limits } {
  const { testAccuracyMin, testAccuracyMax, trainLossMean } = bands.recipes[name];
  const last = epochs - 1;
  return {
    accuracy: {
      low: testAccuracyMin[last] - accuracyMargin,
      high: testAccuracyMax[last] + accuracyMargin,
    },
    loss: {
      low: trainLossMean[last] * (1 - lossMargin),
      high: trainLossMean[last] * (1 + lossMargin),
    },
  };
}

/** Judges the last epoch of a recipe, run with each of the seeds. */
export function judge(name: RecipeName, results: readonly EpochResult[]): Verdict {
  const limits = limitsOf(name, results[0].epoch);
  const accuracy = {
    value: median(results.map(({ testAccuracy }) => testAccuracy)),
    ...limits.accuracy,
  };
  const loss = { value: median(results.map(({ trainLoss }) => trainLoss)), ...limits.loss };
  return { accuracy, loss, inside: holds(accuracy) && holds(loss) };
}
