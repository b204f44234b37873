import blocks from "../../../../shaders/matmul-blocks.wgsl?raw";
import product from "../../../../shaders/matmul-product.wgsl?raw";
import registers from "../../../../shaders/matmul-registers.wgsl?raw";
import type { Settings } from "../../../base/link.ts";
import { powerAbove } from "../../../base/powers.ts";

/** C[b] = op(A[b]) op(B[b]), where op(A[b]) is m × k, op(B[b]) is k × n, and op may transpose. */
export interface MatmulProblem {
  /** Matrices in C. */
  batch: number;
  m: number;
  n: number;
  /** At least 1. */
  k: number;
  /** A is stored as [k, m]. */
  transposeA: boolean;
  /** B is stored as [n, k]. */
  transposeB: boolean;
  /** WGSL for the index of the matrix of A that belongs to matrix `batch` of C. */
  batchA: string;
  batchB: string;
  /** Operands that do not lie in memory as matrices, whatever is said of them above. */
  gatherA?: GatheredBlock;
  gatherB?: GatheredBlock;
}

/** How a kernel reads blocks of an operand from anywhere. */
export interface GatheredBlock {
  /** The body of blockA(i, m, k) or blockB(i, k, n), on one line; i is the batch. */
  body: string;
  /** The element of the binding that it reads. */
  element: Element;
}

export type MatmulSizes = Pick<MatmulProblem, "m" | "n" | "k">;

/** What the choice of a kernel depends on. */
export interface AdapterFacts {
  /** Whether shaders run on a CPU. */
  software: boolean;
  /** As GPUAdapterInfo has it, e.g. "nvidia". */
  vendor: string;
  architecture: string;
  /** Whether the device was made with the feature "subgroups". */
  hasSubgroups: boolean;
  subgroupMinSize: number;
  subgroupMaxSize: number;
}

/** How the elements of an operand's binding are declared. */
export type Element = "f32" | "vec4f";

/**
 * A shader and its settings, all but the epilogue: `set` may still get the body of one of
 *   store(batch: u32, row: u32, col: u32, value: f32)
 *   store4(batch: u32, row: u32, col: u32, value: vec4f)   columns col … col + 3
 * which by default write to c: array<f32>; and the bindings a, b, c their places and lengths.
 */
export interface MatmulKernel {
  /** The name of the shader's file, but for .wgsl. */
  name: string;
  wgsl: string;
  set: Settings;
  elements: { a: Element; b: Element };
  /** Whether it stores four columns at a time. */
  quads: boolean;
  /** Further settings for one tensor on both sides: what reads `b` reads `a`. */
  sharing: Settings;
  /** Workgroups in all; those beyond the 65,535 of x lie along y. */
  workgroups: number;
  workgroupSize: number;
}

export type Family = "elements" | "fours" | "quad" | "registers" | "slices" | "terms" | "tiles";

/** How many workgroups of how many threads a shader takes, and its settings for that. */
type Spread = Pick<MatmulKernel, "set" | "workgroups" | "workgroupSize">;

/** What that is computed from besides the problem. */
interface Measures {
  /** Blocks of 4 × 4 in C. */
  blocks: number;
  /** Threads of a workgroup that leave each of a CPU's cores some. */
  threads: number;
  /** Blocks of four along a side, and up to a power of two. */
  blocksAlong(length: number): number;
  /** The least power of two that is no less; at least 1. */
  powerAbove(x: number): number;
}

/** Families with their shaders; those which are loaded late get what they compute with as arguments. */
export type Families = Partial<Record<Family, FamilyRules>>;

/** What adapters of one kind take. */
export interface Late {
  families: Families;
  /** The best of these, and of `registers`, for a product. */
  choose(problem: Choice & { batch: number }, circumstances: Circumstances): Family;
}

/** What a choice depends on besides the problem. */
interface Circumstances extends Pick<Measures, "blocks"> {
  /** Whether there are quads. */
  quads: boolean;
  /** Whether compiling takes longer than a small product. */
  sparing: boolean;
}

interface FamilyRules {
  wgsl: string;
  /** How it reads and stores, where that is not in blocks of 4 × 4. */
  access?: KernelAccess;
  /**
   * Which family has the first runs instead, if another. `registers` has none: it adds as drivers multiply matrices, some from
   * the first term on and some from the last.
   */
  quick?(problem: Choice): Family | undefined;
  spread(problem: MatmulProblem, measures: Measures): Spread;
}

/** Those that are there. */
const families: Families = {
  registers: {
    wgsl: registers,
    spread({ batch, m, n }, { threads, blocksAlong }) {
      // 64 threads, 8 × 8 of them if there are as many blocks, as neighbours share what they read;
      // jax-js found the same tile best on Apple's GPUs. A short side leaves more for the long one.
      const x = Math.min(blocksAlong(n), Math.max(8, threads / blocksAlong(m)));
      const y = Math.min(blocksAlong(m), Math.ceil(threads / x));
      return {
        set: { THREADS_X: x, THREADS_Y: y },
        workgroups: batch * Math.ceil(m / (4 * y)) * Math.ceil(n / (4 * x)),
        workgroupSize: x * y,
      };
    },
  },
};

/** How adapters of a kind choose one, where that is there. */
const choices: Partial<Record<Kind, Late["choose"]>> = {};

/** Adapters that take other families than `registers`. */
type Kind = "cpus" | "gpus";

function kindOf(adapter: AdapterFacts): Kind | null {
  if (adapter.software || hasQuads(adapter)) return "cpus";
  return hasFastWorkgroupMemory(adapter) ? "gpus" : null;
}

/** Brings what adapters of a kind take, which no other adapter loads. */
export async function loadKind(kind: Kind): Promise<void> {
  const late: Late = await (kind === "cpus"
    ? import("./matmul-on-cpus.ts")
    : import("./matmul-on-gpus.ts"));
  Object.assign(families, late.families);
  choices[kind] = late.choose;
}

/** Brings what an adapter takes. */
export async function loadFamilies(adapter: AdapterFacts): Promise<void> {
  const kind = kindOf(adapter);
  if (kind) await loadKind(kind);
}

/** The families that an adapter takes. */
export const familiesOf = (adapter: AdapterFacts): Family[] => [
  "registers",
  ...(hasQuads(adapter) ? (["quad"] as const) : []),
  ...(adapter.software ? (["elements", "fours", "terms"] as const) : []),
  ...(kindOf(adapter) === "gpus" ? (["slices", "tiles"] as const) : []),
];

/** The kernel of a family for a product on an adapter. */
export function matmulKernel(
  problem: MatmulProblem,
  adapter: AdapterFacts,
  family: Family,
): MatmulKernel {
  const { batch, m, n, k, batchA, batchB } = problem;
  const { transposeA, transposeB } = canonical(problem);
  const { wgsl, access: own, spread: spreadOf } = families[family]!;
  const { end, set, ...access } = own ?? byBlock({ ...problem, transposeA, transposeB });
  const count = blocksIn(batch, m, n);
  const threads = adapter.software && count <= FEW ? 16 : 64;
  const spread = spreadOf(problem, { blocks: count, threads, blocksAlong, powerAbove });
  return {
    name: `matmul-${family}`,
    wgsl: [wgsl, end, product].join("\n"),
    ...access,
    ...spread,
    set: {
      BATCH: batch,
      M: m,
      N: n,
      K: k,
      TRANSPOSE_A: transposeA,
      TRANSPOSE_B: transposeB,
      batchA: `return ${batchA};`,
      batchB: `return ${batchB};`,
      ...set,
      ...spread.set,
    },
  };
}

/** How a kernel reads its operands, and stores the result. */
export interface KernelAccess extends Pick<MatmulKernel, "set" | "elements" | "quads" | "sharing"> {
  /** The file of shaders/ that has the functions for it. */
  end: string;
}

/** In blocks of 4 × 4, as vectors where these lie in memory. */
function byBlock(problem: MatmulProblem): KernelAccess {
  const { m, n, k, transposeA, transposeB, gatherA, gatherB } = problem;
  const vectorA = gatherA ? gatherA.element === "vec4f" : (transposeA ? m : k) % 4 === 0;
  const vectorB = gatherB ? gatherB.element === "vec4f" : (transposeB ? k : n) % 4 === 0;
  return {
    end: blocks,
    set: {
      ...(vectorA ? {} : { WIDTH_A: 1, fourA: scalarLoads("a") }),
      ...(vectorB ? {} : { WIDTH_B: 1, fourB: scalarLoads("b") }),
      ...(gatherA ? { STEP_A: 0, startA: "return batch;", blockA: gatherA.body } : {}),
      ...(gatherB ? { STEP_B: 0, startB: "return batch;", blockB: gatherB.body } : {}),
    },
    elements: { a: vectorA ? "vec4f" : "f32", b: vectorB ? "vec4f" : "f32" },
    quads: n % 4 === 0,
    sharing: { fourB: vectorA ? "return a[i];" : scalarLoads("a") },
  };
}

/** An epilogue that does no more than store the result, and the element of c that it needs. */
export function plainStore({ quads }: MatmulKernel): { set: Settings; element: Element } {
  if (!quads) return { set: {}, element: "f32" };
  const i = "((batch * M + row) * N + col)";
  return {
    set: { store4: `c[${i} / 4] = value;`, store: `c[${i} / 4][${i} % 4] = value;` },
    element: "vec4f",
  };
}

/** The best family for a product on an adapter. */
export const chooseFamily = (problem: Choice, adapter: AdapterFacts): Family =>
  bestFamily(problem, adapter, adapter.software);

/**
 * The family for the first runs, whose kernel compiles soonest and adds the same numbers in the same order as the one that
 * takes its place.
 */
export function quickFamily(problem: Choice, adapter: AdapterFacts): Family {
  const own = chooseFamily(problem, adapter);
  return families[own]!.quick?.(problem) ?? own;
}

export type Choice = MatmulSizes & Partial<Pick<MatmulProblem, "batch" | "gatherA" | "gatherB">>;

/** The best family; of those for small products only where that is `sparing` in what it compiles. */
function bestFamily(problem: Choice, adapter: AdapterFacts, sparing: boolean): Family {
  const kind = kindOf(adapter);
  if (!kind) return "registers";
  const { batch = 1, m, n } = problem;
  const blocks = blocksIn(batch, m, n);
  return choices[kind]!({ ...problem, batch }, { blocks, quads: hasQuads(adapter), sparing });
}

/**
 * How often the code of an epilogue stands in the kernel of a product, in comparison with one for elements alone: a
 * quad has it in a loop, the others once for each row of a block or less.
 */
export const epilogueCopies = (sizes: MatmulSizes, adapter: AdapterFacts): number =>
  bestFamily(sizes, adapter, false) === "quad" ? 1 : 4;

/** Whether lanes of a subgroup are always the quads that the kernel swaps within. */
export function hasQuads({
  hasSubgroups,
  subgroupMinSize,
  subgroupMaxSize,
}: AdapterFacts): boolean {
  return hasSubgroups && subgroupMinSize === 4 && subgroupMaxSize === 4;
}

/** Discrete GPUs; Intel's architectures of that kind are gen-12hp, xe-hpg and xe-2hpg. */
function hasFastWorkgroupMemory({ vendor, architecture }: AdapterFacts): boolean {
  return vendor === "nvidia" || vendor === "amd" || (vendor === "intel" && /hp/.test(architecture));
}

/** Blocks of 4 × 4 in C. */
const blocksIn = (batch: number, m: number, n: number) =>
  batch * Math.ceil(m / 4) * Math.ceil(n / 4);

/** So few blocks that a CPU's cores would not all have work, if each workgroup had 64. */
const FEW = 512;

/** Blocks of four along a side, and up to a power of two. */
const blocksAlong = (length: number) => powerAbove(Math.ceil(length / 4));

/**
 * A vector is stored the same either way: taken as a row of A, a column of B, or (k = 1) along
 * m and n, its neighbours are read together.
 */
function canonical({ m, n, k, transposeA, transposeB }: MatmulProblem) {
  if (m === 1) transposeA = false;
  else if (k === 1) transposeA = true;
  if (n === 1) transposeB = true;
  else if (k === 1) transposeB = false;
  return { transposeA, transposeB };
}

/** The body of fourA or fourB where rows are no whole number of vectors. */
function scalarLoads(operand: string): string {
  const next = [1, 2, 3].map((j) => `${operand}[i + min(${j}, cols - 1)]`);
  return `return vec4f(${operand}[i], ${next.join(", ")});`;
}
