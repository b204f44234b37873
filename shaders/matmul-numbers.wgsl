// What a product is, and how kernels read and store single numbers of it; the end of those that do.

const BATCH: u32 = 1; // matrices in C
const M: u32 = 64; // rows of C
const N: u32 = 64; // columns of C
const K: u32 = 64; // terms of each sum
const TRANSPOSE_A: bool = false; // A is stored as [K, M]
const TRANSPOSE_B: bool = false; // B is stored as [N, K]
const THREADS: u32 = 16; // of a workgroup
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

// Elements from a row of op(A), or a column of op(B), to the next, and from a term to the next.
const ROW_A = select(K, 1, TRANSPOSE_A);
const TERM_A = select(1, M, TRANSPOSE_A);
const COLUMN_B = select(1, K, TRANSPOSE_B);
const TERM_B = select(N, 1, TRANSPOSE_B);

@group(0) @binding(0) var<storage, read_write> c: array<f32>;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;

// 0, as workgroup.z is, but compilers cannot know that.
var<private> none: u32;

// The matrices of A and B that make matrix `batch` of C.
fn batchA(batch: u32) -> u32 { return batch; }
fn batchB(batch: u32) -> u32 { return batch; }

fn loadA(i: u32) -> f32 { return a[i]; }
fn loadB(i: u32) -> f32 { return b[i]; }

// What becomes of the result.
fn store(batch: u32, row: u32, col: u32, value: f32) { c[(batch * M + row) * N + col] = value; }
