enable subgroups;

// C[b] = op(A[b]) op(B[b]), row-major, where op is the identity or the transpose.
//
// For subgroups of four lanes, where a load costs as much as dozens of multiplications: CPUs. A
// quad makes a tile of 16 x 16 numbers of C as an outer product: lane l reads the l-th four rows of
// op(A) and the l-th four columns of op(B), and by swapping the rows with the other lanes makes the
// four blocks of C in its columns. So 8 loads of vectors serve 256 multiplications, four times as
// many as without swaps. No workgroup memory: SwiftShader clears it anew for every subgroup.

const QUADS: u32 = 2; // tiles of a workgroup, a divisor of their number

const TILE_M = 16;
const TILE_N = 16;
const GROUPS = BATCH * TILES_Y * TILES_X / QUADS;

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
