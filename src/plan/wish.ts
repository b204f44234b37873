import type { Variable } from "../graph/variable.ts";

// A plan is a function of its program and of what is given on the device. What it would have changed there it states as
// wishes; the device grants them when the plan is bound.

/** Variables that are to lie side by side in a packed buffer. */
export interface Wish {
  variables: readonly Variable[];
  /** Where each begins, in elements. */
  offsets: readonly number[];
}

/** Where a variable lies in a packed buffer, or is going to. */
export interface PackedPlace {
  /** The same for all that lie side by side. */
  buffer: object;
  /** Where it begins, in elements. */
  offset: number;
  /** How many variables the buffer was made for. */
  members: number;
}

/** The place that a wish has for its i-th variable. */
export const placeIn = (wish: Wish, i: number): PackedPlace => ({
  buffer: wish,
  offset: wish.offsets[i],
  members: wish.variables.length,
});

/** Looks up the packed place of a variable; null where it has none yet. */
export type PackedPlaceOf = (variable: Variable) => PackedPlace | null;

/** Whether a wish can be granted: none of the variables has a packed place yet, or all have the ones that are wished. */
export function canGrant({ variables, offsets }: Wish, placeOf: PackedPlaceOf): boolean {
  const places = variables.map(placeOf);
  const [first] = places;
  if (!first) return places.every((place) => !place) && new Set(variables).size === places.length;
  return places.every(
    (place, i) =>
      place?.buffer === first.buffer &&
      place.offset === offsets[i] &&
      place.members === places.length,
  );
}
