/** A unit that is looked at: of the inputs (layer 0), of a hidden layer, or the answer, in the last layer. */
export interface Place {
  layer: number;
  unit: number;
}

/** What the page asks its worker. */
export type Question =
  /** Which unit is to be enlarged. */
  | { kind: "look"; place: Place | null }
  | { kind: "weights"; place: Place }
  /** Gives a unit the weight with this number another value, or the bias, which has number 0. */
  | { kind: "set"; place: Place; i: number; value: number };

/** Bias and weights of a unit, where they were asked for. */
export type Answer = Float32Array | undefined;

/** Of the network and of the straight line, on points of one part. */
export interface Score {
  loss: number;
  /** The share of points that are told apart. */
  right: number;
}

/** How good both are: network and line on training points, network and line on test points. */
export type Seen = Record<"train" | "lineTrain" | "test" | "lineTest", Score>;
