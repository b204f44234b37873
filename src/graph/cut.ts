import type { Tensor } from "./tensor.ts";

/** Where differentiation ends, since it is not known how a tensor was computed. */
export interface Cut {
  /** What is the case and what to do, as the end of a sentence that begins with the tensor. */
  readonly why: string;
  /** Whether `cut`, the tensor with this cut, may have been computed from x, which is no variable. */
  mayDepend(cut: Tensor, x: Tensor): boolean;
}

/** What was made later has no part in a tensor. */
const isOlder = (cut: Tensor, x: Tensor): boolean => x.id < cut.id;

/** Of a tensor whose value was freed by `dispose()`. */
export const DISPOSED: Cut = {
  why: "was disposed after it had been computed, so how it was computed is not known any more; dispose of it later",
  mayDepend: isOlder,
};

const remedy =
  "ask for the gradients before, or differentiate with grad(f), within which nothing is let go";

/** Of a tensor whose history read variables that have been assigned too often since. */
export const OUTDATED: Cut = {
  why: `was computed from variables that have been assigned many times since, so how it was computed has been let go; ${remedy}`,
  mayDepend: isOlder,
};

/** Of a tensor at the far end of a long history. */
export const OUTGROWN: Cut = {
  why: `lies far back in a long eager computation, so how it was computed has been let go; ${remedy}`,
  mayDepend: isOlder,
};
