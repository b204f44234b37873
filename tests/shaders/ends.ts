/** The ends that kernels share, and which kernels have them. */
const ENDS: readonly (readonly [end: string, kernels: RegExp])[] = [
  ["matmul-product", /matmul-/],
  ["matmul-blocks", /matmul-(quad|registers|slices|tiles)/],
  ["matmul-numbers", /matmul-(elements|terms)/],
  ["scatter-updates", /scatter-(blocks|sums)/],
  ["sort-rows", /sort-/],
];

const pathOf = (end: string) => `../../shaders/${end}.wgsl`;

/** The paths of the files that end the shader at this path. */
export const endsOf = (path: string): string[] =>
  ENDS.filter(([, kernels]) => kernels.test(path)).map(([end]) => pathOf(end));

/** Whether the file at this path is such an end, and no shader by itself. */
export const isEnd = (path: string): boolean => ENDS.some(([end]) => pathOf(end) === path);
