import quad from "../../../../shaders/matmul-quad.wgsl?raw";
import terms from "../../../../shaders/matmul-terms.wgsl?raw";
import type { Families } from "./matmul-families.ts";

/** What adapters take that run shaders on a CPU. */
export const families: Families = {
  quad: {
    wgsl: quad,
    spread({ batch, m, n }) {
      const count = batch * Math.ceil(m / 16) * Math.ceil(n / 16);
      // Two tiles per workgroup is as good as one or four on SwiftShader, and halves the workgroups.
      const quads = count % 2 === 0 ? 2 : 1;
      return {
        set: { QUADS: quads },
        workgroups: count / quads,
        workgroupSize: 4 * quads,
      };
    },
  },

  terms: {
    wgsl: terms,
    spread(_, { blocks, threads }) {
      return {
        set: { THREADS: threads },
        workgroups: Math.ceil(blocks / threads),
        workgroupSize: threads,
      };
    },
  },
};
