import { describe, expect, test } from "vitest";
import { loadMnist } from "../../demo/mnist.ts";
import { judge, seeds } from "../../demo/recipes/bands.ts";
import { recipeEpochs, recipeNames, RecipeRun } from "../../demo/recipes/recipes.ts";
import { readMnist } from "../../scripts/mnist.ts";
import { init } from "../../src/index.ts";

// `npm run train -- --bands` and the page validate.html do the same, whose own test is of fewer epochs.
describe.each(recipeNames)("%s", (name) => {
  test("ends inside PyTorch's bands", { timeout: 600_000 }, async () => {
    await init({ backend: "webgpu" });
    const sets = await loadMnist(readMnist);
    const last = [];
    for (const seed of seeds) {
      const run = new RecipeRun(name, seed, sets);
      while (run.epoch < recipeEpochs - 1) await run.advance();
      last.push(await run.advance());
      console.log(name, `seed ${seed}:`, JSON.stringify(last.at(-1)));
    }
    const verdict = judge(name, last);
    console.log(name, "median:", JSON.stringify(verdict));
    expect(verdict.inside).toBe(true);
  });
});
