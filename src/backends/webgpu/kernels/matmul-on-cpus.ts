import elements from "../../../../shaders/matmul-elements.wgsl?raw";
import numbers from "../../../../shaders/matmul-numbers.wgsl?raw";
import quad from "../../../../shaders/matmul-quad.wgsl?raw";
import terms from "../../../../shaders/matmul-terms.wgsl?raw";
import type { Families, KernelAccess } from "./matmul-families.ts";

/** Element by element. */
const byElement: KernelAccess = {
  set: {},
  elements: { a: "f32", b: "f32" },
  quads: false,
  sharing: { loadB: "return a[i];" },
};

/** What adapters take that run shaders on a CPU. */
export const families: Families = {
  elements: {
    wgsl: `${elements}\n${numbers}`,
    access: byElement,
    spread: ({ batch, m, n }) => ({
      set: { THREADS: 64 },
      workgroups: Math.ceil((batch * m * n) / 64),
      workgroupSize: 64,
    }),
  },

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
    wgsl: `${terms}\n${numbers}`,
    access: byElement,
    spread(_, { blocks, threads }) {
      return {
        set: { THREADS: threads },
        workgroups: Math.ceil(blocks / threads),
        workgroupSize: threads,
      };
    },
  },
};
