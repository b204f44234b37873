enable subgroups;

// C[b] = op(A[b]) op(B[b]), row-major, where op is the identity or the transpose.
//
// For subgroups of four lanes, where a load costs as much as dozens of multiplications: CPUs. A
// quad makes a tile of 16 x 16 numbers of C as an outer product: lane l reads the l-th four rows of
// op(A) and the l-th four columns of op(B), and by swapping the rows with the other lanes makes the
// four blocks of C in its columns. So 8 loads of vectors serve 256 multiplications, four times as
// many as without swaps. No workgroup memory: SwiftShader clears it anew for every subgroup.

const BATCH: u32 = 1; // matrices in C
const M: u32 = 64; // rows of C
const N: u32 = 64; // columns of C
const K: u32 = 64; // terms of each sum
const TRANSPOSE_A: bool = false; // A is stored as [K, M]
const TRANSPOSE_B: bool = false; // B is stored as [N, K]
const WIDTH_A: u32 = 4; // numbers in an element of `a`: 4 if its rows are whole vectors, or 1
const WIDTH_B: u32 = 4;
const QUADS: u32 = 2; // tiles of a workgroup, a divisor of their number
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

const TILE_M = 16;
const TILE_N = 16;
const TILES_Y = (M + TILE_M - 1) / TILE_M;
const TILES_X = (N + TILE_N - 1) / TILE_N;
const GROUPS = BATCH * TILES_Y * TILES_X / QUADS;

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

@compute @workgroup_size(4 * QUADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  none = workgroup.z;
  let group = workgroup.y * GRID_X + workgroup.x;
  if (group >= GROUPS) { return; }
  let tile = group * QUADS + thread / 4;
  let lane = thread % 4;
  let batch = tile / (TILES_Y * TILES_X);
  let row = TILE_M * (tile / TILES_X % TILES_Y);
  let col = TILE_N * (tile % TILES_X) + 4 * lane;

  // The lane's blocks, or the last ones of the operands.
  let m = min(row + 4 * lane, (M - 1) / 4 * 4);
  let n = min(col, (N - 1) / 4 * 4);
  let first = vec2u(startA(batch, m), startB(batch, n));
  var c0: mat4x4f;
  var c1: mat4x4f;
  var c2: mat4x4f;
  var c3: mat4x4f;
  for (var i = 0u; i < (K + 3) / 4; i++) {
    let x = blockA(first.x + i * STEP_A, m, 4 * i);
    let y = blockB(first.y + i * STEP_B, 4 * i, n);
    c0 += y * x;
    c1 += y * swapX(x);
    c2 += y * swapY(x);
    c3 += y * swapDiagonal(x);
  }
  if (N % TILE_N != 0 && col >= N) { return; }

  // The 16 rows in a loop, since drivers take seconds to compile 16 copies of a long epilogue. One
  // loop over an array: two, through whose rounds the blocks move up, take longer to compile.
  var rows = array(
    c0[0], c0[1], c0[2], c0[3],
    c1[0], c1[1], c1[2], c1[3],
    c2[0], c2[1], c2[2], c2[3],
    c3[0], c3[1], c3[2], c3[3],
  );
  for (var i = 0u; i < 16; i++) {
    storeRow(batch, row + 4 * (lane ^ (i / 4)) + i % 4, col, rows[i]);
  }
}

// The block of lane ^ 1, lane ^ 2, lane ^ 3.
fn swapX(x: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapX(x[0]), quadSwapX(x[1]), quadSwapX(x[2]), quadSwapX(x[3]));
}
fn swapY(x: mat4x4f) -> mat4x4f {
  return mat4x4f(quadSwapY(x[0]), quadSwapY(x[1]), quadSwapY(x[2]), quadSwapY(x[3]));
}
fn swapDiagonal(x: mat4x4f) -> mat4x4f {
  return mat4x4f(
    quadSwapDiagonal(x[0]),
    quadSwapDiagonal(x[1]),
    quadSwapDiagonal(x[2]),
    quadSwapDiagonal(x[3]),
  );
}
