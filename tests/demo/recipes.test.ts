import { expect, test } from "vitest";
import { loadMnist } from "../../demo/mnist.ts";
import { judge, seeds } from "../../demo/recipes/bands.ts";
import { recipeNames, RecipeRun } from "../../demo/recipes/recipes.ts";
import { readMnist } from "../../scripts/mnist.ts";
import { init } from "../../src/index.ts";

// `npm run train -- --bands` and the page validate.html do the same for all epochs; in the page one recipe is followed to its
// end. Where the first two epochs end says as much: their bands are as narrow, and tests/optim/training.test.ts follows
// PyTorch for hundreds of steps.
const epochs = 2;

test.each(recipeNames)(
  "%s is inside PyTorch's bands after each epoch",
  { timeout: 600_000 },
  async (name) => {
    await init({ backend: "webgpu" });
    const sets = await loadMnist(readMnist);
    const runs = seeds.map((seed) => new RecipeRun(name, seed, sets));
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const results = [];
      for (const run of runs) results.push(await run.advance());
      const verdict = judge(name, results);
      expect(verdict.inside, `epoch ${epoch}: ${JSON.stringify(verdict)}`).toBe(true);
    }
  },
);
