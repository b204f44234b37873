import type { Digits } from "../mnist.ts";

type Image = Float32Array<ArrayBuffer>;

/** What the page asks its worker. */
export type Question =
  | { kind: "classify"; image: Image | null }
  /** One step on a drawing that is to be read as this digit. */
  | { kind: "teach"; image: Image; label: number }
  | { kind: "tests" };

/** Ten probabilities, or the digits that the network is tested with. */
export interface Answer {
  probabilities?: Float32Array;
  tests?: Digits;
}

/** Probabilities of the ten digits for every test digit; null before these have arrived. */
export type Seen = { accuracy: number; probabilities: Float32Array } | null;
