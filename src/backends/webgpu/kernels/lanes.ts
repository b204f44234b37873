import * as I from "../../../base/index-expr.ts";
import { getOrMake } from "../../../base/maps.ts";
import type { Pieces, Scalar } from "../../../graph/scalar.ts";

/** How many values of a loop variable a thread takes at once. */
export const LANES = 4;

/** Turns of a loop, each of which takes `atOnce` values of the variable that it counts. */
export interface Turns {
  counted: I.LoopVariable;
  turn: I.Index;
  atOnce: number;
}

/**
 * A loop variable that is taken four values at a time: r = 4 · vector + lane. What is contiguous along it is read and
 * written as vectors. Where turns take several values of what else is counted, lane 4 i + j is lane j of the i-th.
 */
export class Lanes {
  readonly variable: I.LoopVariable;
  /** Counts the vectors. */
  readonly vector: I.Index;
  readonly turns: Turns | null;
  readonly #known = new Map<I.Index, I.Index[]>();

  constructor(variable: I.LoopVariable, vector: I.Index, turns: Turns | null = null) {
    this.variable = variable;
    this.vector = vector;
    this.turns = turns;
  }

  /** An index in each lane. */
  of(index: I.Index): readonly I.Index[] {
    const { variable, vector, turns } = this;
    return getOrMake(this.#known, index, () => {
      const lanes = [0, 1, 2, 3].map((lane) =>
        I.substitute(index, new Map([[variable, I.combine([[vector, LANES]], lane)]])),
      );
      if (!turns) return lanes;
      const { counted, turn, atOnce } = turns;
      return Array.from({ length: atOnce }).flatMap((_, i) => {
        const place = new Map([[counted, I.combine([[turn, atOnce]], i)]]);
        return lanes.map((at) => I.substitute(at, place));
      });
    });
  }

  /** The place of the vector that a lane of an index and its neighbours make up, if they do. */
  vectorAt(index: I.Index, lane = 0): I.Index | null {
    if (!I.mentions(index, this.variable)) return null;
    const start = lane - (lane % LANES);
    return vectorOf(this.of(index).slice(start, start + LANES));
  }
}

/** The place of the vector that four places make up, if they do. */
export function vectorOf([first, ...others]: readonly I.Index[]): I.Index | null {
  if (others.some((at, i) => at.key !== I.shift(first, i + 1).key)) return null;
  const vector = I.div(first, LANES);
  return I.scale(vector, LANES).key === first.key ? vector : null;
}

/** An index in one lane; without lanes, the index. */
export const inLane = (index: I.Index, lanes: Lanes | null, lane: number): I.Index =>
  lanes ? lanes.of(index)[lane] : index;

/** A value of which it is not known yet whether its bounds hold. */
export interface OpenPiece {
  bounds: readonly I.Bound[];
  value: Scalar;
}

/**
 * The pieces that may be there in a lane, and what is where none of them is. What can be told of the bounds is told
 * here: a piece that is never there could have an index out of range.
 */
export function openPieces(
  x: Pieces,
  lanes: Lanes | null,
  lane: number,
): { pieces: readonly OpenPiece[]; otherwise: Scalar } {
  const pieces: OpenPiece[] = [];
  for (const { bounds, value } of x.pieces) {
    const here = bounds.map((b) => ({ ...b, value: inLane(b.value, lanes, lane) }));
    if (here.some(I.neverHolds)) continue;
    const open = here.filter((b) => !I.alwaysHolds(b));
    if (open.length === 0) return { pieces, otherwise: value };
    pieces.push({ bounds: open, value });
  }
  return { pieces, otherwise: x.otherwise };
}
