import type { Shape } from "../base/shape.ts";
import { apply } from "../graph/build.ts";
import type { ReduceAttrs } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { reshape } from "./movement.ts";
import { pad } from "./slice.ts";

/** What a reduction folds, in blocks. */
export interface Blocks {
  readonly blocks: Tensor;
  /** The reduction of each block. */
  readonly within: ReduceAttrs;
  /** The reduction of what the blocks of a row come to. */
  readonly across: ReduceAttrs;
  /** How many elements of a row lie between the starts of neighbours along each of those axes. */
  readonly steps: readonly number[];
}

/** Neighbouring axes that are all reduced, or all kept, as one. */
function joinedAxes(shape: Shape, axes: readonly number[]): { length: number; reduced: boolean }[] {
  const joined: { length: number; reduced: boolean }[] = [];
  shape.forEach((length, axis) => {
    const reduced = axes.includes(axis);
    const last = joined.at(-1);
    if (last?.reduced === reduced) last.length *= length;
    else joined.push({ length, reduced });
  });
  return joined;
}

/**
 * The length of about `count` blocks of n elements, less than n: one that leaves no rest, if there is, and for vectors one
 * of fours.
 */
function blockLength(n: number, count: number): number {
  for (let b = count; 2 * b > count; b--) if (n % (4 * b) === 0) return n / b;
  const fours = 4 * Math.ceil(n / count / 4);
  return fours < n ? fours : Math.ceil(n / count);
}

/**
 * Cuts the rows of a reduction into about `count` blocks each, in their order: an axis in front becomes blocks of one
 * element, those behind a single block. The last block is filled up with `fill`. At most one axis becomes two.
 */
export function inBlocks(x: Tensor, axes: readonly number[], count: number, fill: number): Blocks {
  const joined = joinedAxes(x.shape, axes);
  const lastReduced = joined.findLastIndex(({ reduced }) => reduced);
  const flat = joined.map(({ length }) => length);
  const [widths, shape]: [[number, number][], number[]] = [[], []];
  const [within, across]: [number[], number[]] = [[], []];
  const steps: number[] = [];
  // Blocks that are wanted of the axes behind.
  let left = count;
  joined.forEach(({ length, reduced }, i) => {
    const own = length <= left ? 1 : left === 1 ? length : blockLength(length, left);
    const blocks = Math.ceil(length / own);
    widths.push([0, reduced ? blocks * own - length : 0]);
    if (!reduced) {
      shape.push(length);
      return;
    }
    left = Math.max(1, Math.floor(left / blocks));
    if (blocks > 1) {
      // Where the axes within blocks are gone.
      across.push(shape.length - within.length);
      const behind = flat.slice(i + 1).filter((_, j) => joined[i + 1 + j].reduced);
      steps.push(behind.reduce((step, n) => step * n, own));
      shape.push(blocks);
    }
    if (own > 1 || i === lastReduced) within.push(shape.push(own) - 1);
  });
  const whole = widths.every(([, width]) => width === 0);
  const joinedX = reshape(x, flat);
  const padded = whole ? joinedX : apply(pad.op, [joinedX], { widths, value: fill });
  return {
    blocks: reshape(padded, shape),
    within: { axes: within, keepDims: false },
    across: { axes: across, keepDims: false },
    steps,
  };
}
