import elements from "../../../../shaders/matmul-elements.wgsl?raw";
import numbers from "../../../../shaders/matmul-numbers.wgsl?raw";
import quad from "../../../../shaders/matmul-quad.wgsl?raw";
import terms from "../../../../shaders/matmul-terms.wgsl?raw";
import type { Families, KernelAccess, Late, MatmulProblem } from "./matmul-families.ts";

/** Element by element. */
const byElement: KernelAccess = {
  end: numbers,
  set: {},
  elements: { a: "f32", b: "f32" },
  quads: false,
  sharing: { loadB: "return a[i];" },
};

/** So many numbers or blocks, each by a thread of its own. */
const eachByThread = (count: number, threads: number) => ({
  set: { THREADS: threads },
  workgroups: Math.ceil(count / threads),
  workgroupSize: threads,
});

const eachElement = ({ batch, m, n }: MatmulProblem) => eachByThread(batch * m * n, 64);

/** Multiplications that, in `fours`, cost a step of the first ones two milliseconds; a quad compiles 25 later. */
const LARGE = 2 ** 20;

/** What adapters take that run shaders on a CPU. */
export const families: Families = {
  quad: {
    wgsl: quad,
    quick: ({ batch = 1, m, n, k, gatherA, gatherB }) =>
      gatherA || gatherB || batch * m * n * k > LARGE ? undefined : "fours",
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
    access: byElement,
    quick: () => "elements",
    spread: (_, { blocks, threads }) => eachByThread(blocks, threads),
  },

  elements: {
    wgsl: elements,
    access: byElement,
    spread: eachElement,
  },

  fours: {
    wgsl: elements,
    access: { ...byElement, set: { FOURS: true } },
    spread: eachElement,
  },
};

/**
 * Multiplications that take two tenths of a millisecond where shaders run on a CPU: a hundredth of what compiling a faster
 * kernel would.
 */
const SMALL = 131_072;

/** Multiplications that take a hundredth of a millisecond longer number by number; it compiles seven milliseconds sooner. */
const TINY = 2048;

export const choose: Late["choose"] = (
  { batch, m, n, k, gatherA, gatherB },
  { blocks, quads, sparing },
) => {
  const multiplications = batch * m * n * k;
  if (sparing && !gatherA && !gatherB && multiplications <= SMALL) {
    return multiplications > TINY ? "terms" : "elements";
  }
  // A lane of a quad and a thread of `registers` load the same; the quad makes 16 blocks of 4 × 4
  // with it, four threads make 4 in half the time: it pays where half of its tile is needed.
  const quadTiles = batch * Math.ceil(m / 16) * Math.ceil(n / 16);
  return quads && blocks >= 8 * quadTiles ? "quad" : "registers";
};
