import { describe, expect, test } from "vitest";
import { functions } from "../../scripts/functions/functions.ts";
import { patterns, RANGES, sweep } from "../../scripts/functions/sweep.ts";
import { table } from "../../scripts/functions/table.ts";
import { init } from "../../src/index.ts";

// What `npm run check:functions` does, with fewer numbers.

await init();
const xs = patterns(20_000);

describe("over all of float32", () => {
  test.each(functions.map((f) => [f.name, f] as const))(
    "%s and its gradient are right to a few roundings",
    async (_, f) => {
      for (const [i, finding] of (await sweep(f, xs)).entries()) {
        const { name, worst, wrong } = finding;
        expect(wrong.slice(0, 5), name).toEqual([]);
        const errors = table([finding]);
        worst.forEach(({ ulps, roundings }, range) => {
          // Gradients are made of several functions, whose errors add up.
          expect(roundings, errors).toBeLessThan(i === 0 ? 4 : 8);
          if (f.periodic && i === 0 && RANGES[range] <= 12_000)
            expect(ulps, errors).toBeLessThan(5);
        });
      }
    },
  );
});
