import { numeral } from "../format.ts";

/** Who runs, in the order of the tracks. */
export const runners = ["descent", "momentum", "newton"] as const;
export type Runner = (typeof runners)[number];

/** Steps of each. */
export const length = 1000;

/** What each runner passed: from where it began, length + 1 places, x and y in turn, and what was found there. */
export interface Track {
  places: Float64Array;
  heights: Float64Array;
  /** How far Newton's step goes from each place: about as far as a level place is away, where that is near. */
  away: Float64Array;
  determinants: Float64Array;
  traces: Float64Array;
}

export type Race = Readonly<Record<Runner, Track>>;

/** How a run ends. */
export type Ending =
  | { kind: "minimum" | "saddle" | "maximum"; step: number; x: number; y: number }
  /** It never comes near to a level place, or does not stay there. */
  | { kind: "under way"; x: number; y: number }
  /** It left for where numbers end. */
  | { kind: "lost"; step: number };

/** A runner is near when a level place is within this share of the width that one sees. */
const nearness = 0.01;

/** How a track ends on a map of this width. */
export function endingOf(track: Track, width: number): Ending {
  const { places, away, determinants, traces } = track;
  const last = away.length - 1;
  const lost = places.findIndex((v) => !(Math.abs(v) < 100 * width));
  if (lost >= 0) return { kind: "lost", step: Math.floor(lost / 2) };
  const [x, y] = places.subarray(2 * last);
  const isNear = (step: number) => away[step] < nearness * width;
  if (!isNear(last)) return { kind: "under way", x, y };
  let step = last;
  while (step > 0 && isNear(step - 1)) step--;
  const kind = determinants[last] < 0 ? "saddle" : traces[last] > 0 ? "minimum" : "maximum";
  return { kind, step, x, y };
}

/** Steps that are made when this share of the race is over: singly at first, and then in ever larger strides. */
export const stepsAt = (share: number): number => Math.round(length * share ** 3);

/** A coordinate for reading. */
export const hundredths = (v: number): string => numeral(Math.round(100 * v) / 100);
