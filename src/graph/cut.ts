import type { Ancestry } from "./ancestry.ts";

/** Where differentiation ends, since it is not known how a tensor was computed. */
export interface Cut {
  /** What is the case and what to do, as the end of a sentence that begins with the tensor. */
  readonly why: string;
  /** From what it may have been computed. */
  readonly ancestry: Ancestry;
}

/** Of a tensor whose value was freed by `dispose()`. */
export const DISPOSED =
  "was disposed after it had been computed, so how it was computed is not known any more; dispose of it later";

const remedy =
  "ask for the gradients before, or differentiate with grad(f), within which nothing is let go";

/** Of a tensor whose history read variables that have been assigned too often since. */
export const OUTDATED = `was computed from variables that have been assigned many times since, so how it was computed has been let go; ${remedy}`;

/** Of a tensor at the far end of a long history. */
export const OUTGROWN = `lies far back in a long eager computation, so how it was computed has been let go; ${remedy}`;

/** Of what a compiled function returned. */
export const COMPILED =
  "is the result of a compiled function, which carries no history; differentiate inside, as in compile(grad(f)), " +
  "or differentiate the function that calls it, as in grad(f)";
