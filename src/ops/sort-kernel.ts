import blocks from "../../shaders/sort-blocks.wgsl?raw";
import merge from "../../shaders/sort-merge.wgsl?raw";
import ranks from "../../shaders/sort-ranks.wgsl?raw";
import shared from "../../shaders/sort-rows.wgsl?raw";
import { isFloat } from "../base/dtype.ts";
import type { Settings } from "../base/link.ts";
import { powerAbove, powerBelow } from "../base/powers.ts";
import { sizeOf } from "../base/shape.ts";
import type { OpKernel, Stage, Target } from "../graph/offered-kernel.ts";
import type { Spec } from "../graph/op.ts";
import { offered } from "../graph/stages.ts";

export interface SortAttrs {
  axis: number;
  /** How many are taken, from the first on. */
  k: number;
  descending: boolean;
}

/** Bytes of a key and a place. */
const PAIR = 8;
/** Threads of a workgroup that sorts, each of which compares one pair at a time. */
const THREADS = 256;
/** Elements of a block that are compared all with all; from 16 to 64 it is as fast on SwiftShader and lavapipe. */
const COMPARED = 32;
/** Threads of the other workgroups. */
const SMALL = 64;

/**
 * Rows are sorted in blocks, on a GPU as large as workgroup memory holds, which are merged two by two; of each only the
 * first k elements are kept.
 */
export function sortKernel(
  { shape, dtype }: Spec,
  { axis, k, descending }: SortAttrs,
  { software, workgroupMemory, workgroupSize }: Target,
): OpKernel {
  const length = shape[axis];
  const rows = sizeOf(shape) / length;
  const most = software ? COMPARED : powerBelow(workgroupMemory / PAIR);
  const block = Math.min(most, software ? length : powerAbove(length));
  const perRow = Math.ceil(length / block);
  const count = rows * perRow;
  let run = Math.min(k, block);
  // No stage leaves more pairs: one that merges an odd number of runs makes a whole of the last.
  const pairs = rows * powerAbove(perRow) * run;
  const common: Settings = { ROWS: rows, INNER: sizeOf(shape.slice(axis + 1)), LENGTH: length };
  const results = "take(row, place, pair.y);";
  const sorted: Settings = {
    ...common,
    BLOCK: block,
    KEEP: run,
    FLOAT: isFloat(dtype),
    SIGNED: dtype === "int32",
    DESCENDING: descending,
    store: perRow === 1 ? results : "pairs[(row * BLOCKS + block) * KEEP + place] = pair;",
  };
  // Short rows share a workgroup, so that each of its threads has a pair.
  const share = Math.min(powerAbove(count), Math.max(1, (2 * SMALL) / block));
  const threads = Math.min(THREADS, powerBelow(workgroupSize), (block * share) / 2);
  const first: Stage = software
    ? {
        name: "sort-ranks",
        wgsl: `${ranks}\n${shared}`,
        set: sorted,
        workgroups: Math.ceil((count * block) / SMALL),
      }
    : {
        name: "sort-blocks",
        wgsl: `${blocks}\n${shared}`,
        set: { ...sorted, SHARE: share, WORKGROUP: threads },
        workgroups: Math.ceil(count / share),
      };
  const stages = [first];
  for (let runs = perRow, source = 0; runs > 1; runs = Math.ceil(runs / 2)) {
    const keep = Math.min(k, 2 * run);
    const target = pairs - source;
    const set: Settings = {
      ...common,
      RUNS: runs,
      RUN: run,
      STEP: powerBelow(run),
      KEEP: keep,
      SOURCE: source,
      TARGET: target,
      ...(runs === 2 && { store: results }),
    };
    const workgroups = Math.ceil((rows * runs * run) / SMALL);
    stages.push({ name: "sort-merge", wgsl: `${merge}\n${shared}`, set, workgroups });
    run = keep;
    source = target;
  }
  return offered({
    inputs: ["x"],
    results: ["values", "indices"],
    ...(stages.length > 1 && { scratch: { pairs: { shape: [2, pairs, 2], dtype: "uint32" } } }),
    stages,
  });
}
