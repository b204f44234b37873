import { compile, init, tensor, type Tensor } from "cotangent";
import { expect, test } from "vitest";
import { AT, confusing, few, functions, nestings, third, way } from "./nestings.ts";

test(
  "transformations three deep, and perturbations that might be confused",
  { timeout: 120_000 },
  async () => {
    await init();
    const found = compile((t: Tensor, x: Tensor) => ({
      thirds: Object.values(functions).map((f, k) => nestings(f, few(k)).map((g) => g(t))),
      confused: confusing.map(([, , at], k) =>
        [0, 1, 2].map((i) => way(3 * k + i)(at(way(5 * i + k)))(x)),
      ),
    }))(tensor(AT), tensor(3));
    for (const [k, [name, f]] of Object.entries(functions).entries()) {
      const expected = third(f);
      for (const y of found.thirds[k]) {
        const error = Math.abs((await y.item()) - expected) / (1 + Math.abs(expected));
        expect(error, name).toBeLessThan(1e-5);
      }
    }
    for (const [k, [name, expected]] of confusing.entries()) {
      for (const y of found.confused[k]) expect(await y.item(), name).toBe(expected);
    }
  },
);
