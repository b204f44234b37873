import type { Passes, Watcher } from "../passes.ts";
import { verifyGroups } from "./fuse.ts";
import { verifyLowered } from "./lower.ts";
import { verifyStored } from "./materialize.ts";
import { verifyMemory } from "./memory.ts";
import { verifySteps } from "./merge.ts";
import { verifyNests } from "./nest.ts";
import { verifyPacked } from "./pack.ts";
import { verifySchedule } from "./schedule.ts";

// What holds after each pass of every plan. In development and tests all plans are held to it; programs do not load it.

const verifiers: { readonly [P in keyof Passes]: (made: Passes[P]) => void } = {
  lower: verifyLowered,
  materialize: verifyStored,
  fuse: verifyGroups,
  nest: verifyNests,
  schedule: verifySchedule,
  pack: verifyPacked,
  merge: verifySteps,
  memory: verifyMemory,
};

/** Throws what is wrong with what a pass has made. */
export const verifyPass: Watcher = (pass, made) => {
  try {
    verifiers[pass](made);
  } catch (error) {
    throw new Error(`after ${pass}: ${(error as Error).message}`, { cause: error });
  }
};
