import slices from "../../../../shaders/matmul-slices.wgsl?raw";
import tiles from "../../../../shaders/matmul-tiles.wgsl?raw";
import type { Families } from "./matmul-families.ts";

/** What discrete GPUs take. */
export const families: Families = {
  slices: {
    wgsl: slices,
    spread({ batch, m, n, k }, { blocks, blocksAlong, powerAbove, busy }) {
      // As many as the GPU needs to be busy, 256 threads to a workgroup; the blocks in a square, as
      // neighbours share what they read.
      const slices = Math.min(powerAbove(busy / blocks), blocksAlong(k), 64);
      const places = 256 / slices;
      const side = 2 ** Math.ceil(Math.log2(places) / 2);
      const x = Math.min(blocksAlong(n), Math.max(side, places / blocksAlong(m)));
      const y = Math.min(blocksAlong(m), places / x);
      return {
        set: { THREADS_X: x, THREADS_Y: y, SLICES: slices },
        workgroups: batch * Math.ceil(m / (4 * y)) * Math.ceil(n / (4 * x)),
        workgroupSize: x * y * slices,
      };
    },
  },

  tiles: {
    wgsl: tiles,
    spread: ({ batch, m, n }) => ({
      set: {},
      workgroups: batch * Math.ceil(m / 64) * Math.ceil(n / 64),
      workgroupSize: 128,
    }),
  },
};
