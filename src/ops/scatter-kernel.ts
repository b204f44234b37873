import blocks from "../../shaders/scatter-blocks.wgsl?raw";
import distinct from "../../shaders/scatter-distinct.wgsl?raw";
import starts from "../../shaders/scatter-starts.wgsl?raw";
import sums from "../../shaders/scatter-sums.wgsl?raw";
import shared from "../../shaders/scatter-updates.wgsl?raw";
import { rowOf } from "../base/dtype.ts";
import type { Settings } from "../base/link.ts";
import { powerBelow } from "../base/powers.ts";
import { sizeOf } from "../base/shape.ts";
import type { OpKernel, Stage, Target } from "../graph/offered-kernel.ts";
import type { Spec } from "../graph/op.ts";
import { offered } from "../graph/stages.ts";
import type { Scatter } from "./scattering.ts";
import { sortKernel } from "./sort-kernel.ts";

// All updates are compared with all targets in one kernel where that is faster (on lavapipe: where it takes less than a
// million comparisons, or fewer for each update than its index takes to be sorted).
const COMPARED = 2 ** 20;
const FEW_RESULTS = 256;
/** So few updates can be no worse than their kernels' launches. */
const FEWEST = 16;
/** Comparisons that take no longer than a second dispatch. */
const FEW_COMPARED = 2 ** 14;
/** Threads of a workgroup. */
const THREADS = 64;
/** Elements that a thread takes at once where its indices are those of its neighbours too. */
const LANES = 4;
/** Updates of the shortest block that is worth adding up apart. */
const SHORTEST = 32;

const workgroups = (threads: number) => Math.ceil(threads / THREADS);

/** Where no two updates have one target, each is put in its place. */
export function distinctKernel({ outer, count, inner, length }: Scatter): OpKernel | null {
  const [updates, results] = [outer * count * inner, outer * length * inner];
  if (count * results <= FEW_COMPARED) return null;
  const common: Settings = { COUNT: count, INNER: inner, LENGTH: length };
  const stage = (size: number, CLEAR: boolean): Stage => ({
    name: "scatter-distinct",
    wgsl: distinct,
    set: { ...common, SIZE: size, CLEAR },
    workgroups: workgroups(size),
  });
  const put = stage(updates, false);
  return offered({
    inputs: ["updates", "indices"],
    results: ["y"],
    // Of as many as there are targets none is left out.
    stages: count === length ? [put] : [stage(results, true), put],
  });
}

/**
 * Indices are sorted; then each target adds its own updates up in their order, by blocks where they are many: √count of
 * them one by one and as many blocks. Whether `indices` are one list or as many as there are updates tells their shape.
 */
export function scatterKernel(
  updates: Spec,
  indices: Spec,
  { outer, count, inner, length }: Scatter,
  target: Target,
): OpKernel | null {
  const results = outer * length * inner;
  if (count <= FEWEST || results <= FEW_RESULTS || count * results <= COMPARED) return null;
  const own = sizeOf(indices.shape) > count;
  const list = own ? [outer, count, inner] : [count];
  const sort = sortKernel(
    { shape: list, dtype: indices.dtype },
    { axis: own ? 1 : 0, k: count, descending: false },
    target,
  );
  const lists = own ? outer * inner : 1;
  const block = Math.max(SHORTEST, 2 ** Math.ceil(Math.log2(count) / 2));
  const perList = Math.floor(count / block);
  const lanes = !own && inner % LANES === 0 ? LANES : 1;
  const { stored } = rowOf(updates.dtype);
  const common: Settings = { COUNT: count, LENGTH: length };
  const elements: Settings = {
    ...common,
    Element: lanes > 1 ? `vec${lanes}<${stored}>` : stored,
    OUTER: outer,
    INNER: inner / lanes,
    OWN: own,
    BLOCK: block,
  };
  const SIGNED = indices.dtype === "int32";
  const bind = { x: "indices", values: "sorted", indices: "order" };
  return offered({
    inputs: ["updates", "indices"],
    results: ["y"],
    scratch: {
      sorted: { shape: list, dtype: "uint32" },
      order: { shape: list, dtype: "uint32" },
      ...sort.scratch,
      starts: { shape: [lists, length + 1], dtype: "uint32" },
      sums: { shape: [Math.max(1, outer * perList * inner)], dtype: updates.dtype },
    },
    stages: [
      ...sort.stages.map((stage) => ({ ...stage, bind })),
      {
        name: "scatter-starts",
        wgsl: starts,
        set: {
          ...common,
          LISTS: lists,
          INNER: own ? inner : 1,
          STEP: powerBelow(count),
          SIGNED,
        },
        workgroups: workgroups(lists * (length + 1)),
      },
      ...(perList > 0
        ? [
            {
              name: "scatter-blocks",
              wgsl: `${blocks}\n${shared}`,
              set: { ...elements, SIGNED },
              workgroups: workgroups((outer * perList * inner) / lanes),
            },
          ]
        : []),
      {
        name: "scatter-sums",
        wgsl: `${sums}\n${shared}`,
        set: elements,
        workgroups: workgroups((outer * length * inner) / lanes),
      },
    ],
  });
}
