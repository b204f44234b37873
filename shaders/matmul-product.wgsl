// What a product is, and what becomes of it: C[b] = op(A[b]) op(B[b]). The end of each of its kernels.

const BATCH: u32 = 1; // matrices in C
const M: u32 = 64; // rows of C
const N: u32 = 64; // columns of C
const K: u32 = 64; // terms of each sum
const TRANSPOSE_A: bool = false; // A is stored as [K, M]
const TRANSPOSE_B: bool = false; // B is stored as [N, K]
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

@group(0) @binding(0) var<storage, read_write> c: array<f32>;

// 0, as workgroup.z is, but compilers cannot know that.
var<private> none: u32;

// The turns of a loop, hidden from compilers that would unroll it.
fn turns(count: u32) -> u32 { return count + none; }

// The matrices of A and B that make matrix `batch` of C.
fn batchA(batch: u32) -> u32 { return batch; }
fn batchB(batch: u32) -> u32 { return batch; }

// What becomes of the result.
fn store(batch: u32, row: u32, col: u32, value: f32) { c[(batch * M + row) * N + col] = value; }
