import { DeviceLostError } from "cotangent";
import { loadMnist, type ReadFile } from "../mnist.ts";
import { judge, seeds } from "../recipes/bands.ts";
import { recipeNames, recipes, type RecipeName } from "../recipes/list.ts";
import { RecipeRun, type EpochResult } from "../recipes/recipes.ts";
import type { News } from "./protocol.ts";

/** How often a device may be lost in one run of a recipe. */
const mostLosses = 3;

/**
 * Trains each recipe from each seed for so many epochs and compares the medians with PyTorch's; rejects where the
 * signal stops it.
 */
export async function compareRecipes(
  read: ReadFile,
  epochs: number,
  signal: AbortSignal,
  tell: (news: News) => void,
): Promise<void> {
  const sets = await loadMnist(read);
  const total = recipeNames.length * seeds.length * epochs;
  let finished = 0;

  const train = async (name: RecipeName, seed: number): Promise<EpochResult> => {
    const run = new RecipeRun(name, seed, sets);
    for (;;) {
      const text = `${recipes[name].title}, seed ${seed}, epoch ${run.epoch + 1}`;
      const before = finished + run.epoch;
      const result = await run.advance((share) => {
        signal.throwIfAborted();
        tell({ kind: "training", share: (before + share) / total, text });
      });
      if (result.epoch === epochs) return result;
    }
  };
  /** A run whose device is lost begins again: from the same seed it goes the same way. */
  const trainThrough = async (name: RecipeName, seed: number, losses = 0): Promise<EpochResult> => {
    try {
      return await train(name, seed);
    } catch (error) {
      if (!(error instanceof DeviceLostError) || losses === mostLosses) throw error;
      return trainThrough(name, seed, losses + 1);
    }
  };

  for (const name of recipeNames) {
    const { title } = recipes[name];
    const last: EpochResult[] = [];
    for (const seed of seeds) {
      const result = await trainThrough(name, seed);
      finished += epochs;
      last.push(result);
      tell({ kind: "recipe", row: { title, seed, result } });
    }
    tell({ kind: "recipe", row: { title, verdict: judge(name, last) } });
  }
}
