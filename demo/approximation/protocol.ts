/** What the page asks its worker: the error of the bumps that are shown, or that for each number of bumps, from 1 on. */
export interface Question {
  kind: "shown" | "errors";
}

export type Answer = Float32Array;
