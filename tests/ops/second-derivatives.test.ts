import { beforeAll, describe, expect, test } from "vitest";
import { grad, init, tensor, type Tensor } from "../../src/index.ts";
import { backends } from "../backends.ts";

describe.each(backends)("second derivatives on %s", (backend) => {
  beforeAll(async () => {
    await init({ backend });
  });

  test.each<[string, (x: Tensor) => Tensor]>([
    ["atan", (x) => x.atan()],
    ["erf", (x) => x.erf()],
    ["erfc", (x) => x.erfc()],
    ["gelu", (x) => x.gelu()],
  ])("%s has the second derivative 0 where 2x overflows and short of it", async (_, f) => {
    for (const x of [1e19, 1e30, -2e38, 3.4e38]) {
      expect(Math.abs(await grad(grad(f))(tensor(x)).item())).toBeLessThan(2 ** -126);
    }
  });
});
