import type { initializers } from "./model.ts";
import type { names } from "./settings.ts";

export type ActivationName = keyof typeof names;

/** What the page asks its worker. */
export type Question =
  /** f, f′ and f″ at these places, one after the other. */
  | { kind: "derivatives"; activation: ActivationName; xs: Float32Array }
  /** The size of the values after each layer, then that of the gradients. */
  | { kind: "depths"; activation: ActivationName; init: keyof typeof initializers }
  /** How many places a second f, f′ and f″ are computed at. */
  | { kind: "speed"; activation: ActivationName };

/** The numbers, of all rows one after the other. */
export type Answer = Float32Array;
