import slices from "../../../../shaders/matmul-slices.wgsl?raw";
import tiles from "../../../../shaders/matmul-tiles.wgsl?raw";
import type { Families, Late } from "./matmul-families.ts";

/** Threads from which on a discrete GPU is busy. */
const BUSY = 32_768;

/** What discrete GPUs take. */
export const families: Families = {
  slices: {
    wgsl: slices,
    spread({ batch, m, n, k }, { blocks, blocksAlong, powerAbove }) {
      // As many as the GPU needs to be busy, 256 threads to a workgroup; the blocks in a square, as
      // neighbours share what they read.
      const slices = Math.min(powerAbove(BUSY / blocks), blocksAlong(k), 64);
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

export const choose: Late["choose"] = ({ m, n, k }, { blocks }) => {
  // A tile's thread has two blocks. Staging pays from one full tile and one full stage on: 64 × 64
  // numbers, 16 terms.
  const isWide = blocks >= BUSY;
  if (isWide && m >= 64 && n >= 64 && k >= 16) return "tiles";
  // Slices are for products of so few numbers that there would be too few threads.
  return isWide || k < 16 ? "registers" : "slices";
};
