import { expect, test } from "vitest";
import { loadMnist } from "../../demo/mnist.ts";
import { judge, seeds } from "../../demo/recipes/bands.ts";
import { recipeNames } from "../../demo/recipes/list.ts";
import { RecipeRun } from "../../demo/recipes/recipes.ts";
import { readMnist } from "../../scripts/mnist.ts";
import { init } from "../../src/index.ts";

// `npm run train -- --bands` and the page Validate do the same for all epochs. Here the first recipe is followed to its end,
// and the others for two epochs, whose bands are as narrow.
const epochsOf = (name: string) => (name === recipeNames[0] ? 5 : 2);

test.each(recipeNames)(
  "%s is inside PyTorch's bands after each epoch",
  { timeout: 600_000 },
  async (name) => {
    await init({ backend: "webgpu" });
    const sets = await loadMnist(readMnist);
    const runs = seeds.map((seed) => new RecipeRun(name, seed, sets));
    for (let epoch = 1; epoch <= epochsOf(name); epoch++) {
      const results = [];
      for (const run of runs) results.push(await run.advance());
      const verdict = judge(name, results);
      expect(verdict.inside, `epoch ${epoch}: ${JSON.stringify(verdict)}`).toBe(true);
    }
  },
);
