import { CpuBackend } from "../../src/backends/cpu/cpu-backend.ts";
import { evaluateRounded } from "../../src/check/rounded.ts";

/** The reference with every op off by a few roundings at random: how far apart its runs are is what rounding may do. */
export class RoundingBackend extends CpuBackend {
  constructor(random: () => number, ulps: number) {
    super("float64");
    this.evaluate = evaluateRounded(random, ulps);
  }
}
