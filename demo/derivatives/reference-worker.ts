import { init } from "cotangent";
import { expose } from "comlink";
import { race, type RaceOptions } from "./race/compute.ts";
import { derive, type RulesName } from "./rules/examples.ts";

// In float64, on the reference: near a level place Newton's steps have more digits than float32 holds.
const ready = init({ backend: "cpu" });

const reference = {
  async race(options: RaceOptions) {
    await ready;
    return race(options);
  },
  async derive(name: RulesName, numbers: readonly number[]) {
    await ready;
    return derive(name, numbers);
  },
};

export type Reference = typeof reference;

expose(reference);
