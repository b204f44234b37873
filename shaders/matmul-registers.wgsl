// C[b] = op(A[b]) op(B[b]), row-major, where op is the identity or the transpose.
//
// Each thread keeps a block of 4 x 4 numbers of C in registers and reads blocks of both operands
// straight from storage, without workgroup memory. For adapters whose caches are as good as
// workgroup memory (Apple, mobile, CPUs), and for small products on all.

const BATCH: u32 = 1; // matrices in C
const M: u32 = 64; // rows of C
const N: u32 = 64; // columns of C
const K: u32 = 64; // terms of each sum
const TRANSPOSE_A: bool = false; // A is stored as [K, M]
const TRANSPOSE_B: bool = false; // B is stored as [N, K]
const WIDTH_A: u32 = 4; // numbers in an element of `a`: 4 if its rows are whole vectors, or 1
const WIDTH_B: u32 = 4;
const THREADS_X: u32 = 8; // blocks of a workgroup along the columns of C
const THREADS_Y: u32 = 8; // and along its rows
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

const TILE_M = 4 * THREADS_Y;
const TILE_N = 4 * THREADS_X;
const TILES_Y = (M + TILE_M - 1) / TILE_M;
const TILES_X = (N + TILE_N - 1) / TILE_N;
const GROUPS = BATCH * TILES_Y * TILES_X;

@group(0) @binding(0) var<storage, read_write> c: array<f32>;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;

// The matrices of A and B that make matrix `batch` of C.
fn batchA(batch: u32) -> u32 { return batch; }
fn batchB(batch: u32) -> u32 { return batch; }

// Four neighbours in a row as stored, from element i on; in the place of those beyond the columns
// that are left, the last one of the row.
fn fourA(i: u32, cols: u32) -> vec4f { return a[i]; }
fn fourB(i: u32, cols: u32) -> vec4f { return b[i]; }

// What becomes of the result. store4 takes four columns, and is used where N is a multiple of 4.
fn store(batch: u32, row: u32, col: u32, value: f32) { c[(batch * M + row) * N + col] = value; }
fn store4(batch: u32, row: u32, col: u32, value: vec4f) { store(batch, row, col, value.x); store(batch, row, col + 1, value.y); store(batch, row, col + 2, value.z); store(batch, row, col + 3, value.w); }

@compute @workgroup_size(THREADS_X, THREADS_Y)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  none = workgroup.z;
  let group = workgroup.y * GRID_X + workgroup.x;
  if (group >= GROUPS) { return; }
  let batch = group / (TILES_Y * TILES_X);
  let m = TILE_M * (group / TILES_X % TILES_Y) + 4 * thread.y;
  let n = TILE_N * (group % TILES_X) + 4 * thread.x;
  if (m >= M || n >= N) { return; }

  let first = vec2u(startA(batch, m), startB(batch, n));
  var block: mat4x4f;
  // A bound that the compiler does not know keeps it from unrolling, which Mesa would pay for with
  // seconds of compilation.
  for (var i = 0u; i < (K + 3) / 4 + none; i++) {
    block += blockB(first.y + i * STEP_B, 4 * i, n) * blockA(first.x + i * STEP_A, m, 4 * i);
  }
  storeBlock(batch, m, n, block);
}
