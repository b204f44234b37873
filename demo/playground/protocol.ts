/** A unit that is looked at: of the inputs (layer 0), of a hidden layer, or the answer, in the last layer. */
export interface Place {
  layer: number;
  unit: number;
}

/** What the page asks its worker: to enlarge a unit, or none. */
export type Question = Place | null;

/** Of the network and of the straight line, on points of one part. */
export interface Score {
  loss: number;
  /** The share of points that are told apart. */
  right: number;
}

/** How good both are: network and line on training points, network and line on test points. */
export type Seen = Record<"train" | "lineTrain" | "test" | "lineTest", Score>;
