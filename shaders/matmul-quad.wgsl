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

  // By row of the lane's block of A and by column of B: the numbers in the rows of all four lanes.
  var c0: mat4x4f;
  var c1: mat4x4f;
  var c2: mat4x4f;
  var c3: mat4x4f;
  for (var i = 0u; i < (K + 3) / 4; i++) {
    // First A, then B, and the numbers one by one: SwiftShader's compiler has registers for few of
    // these values, and with the same steps in other orders the kernel takes up to a quarter longer.
    let x = blockA(first.x + i * STEP_A, m, 4 * i);
    let y = transpose(blockB(first.y + i * STEP_B, 4 * i, n));
    c0 = addRow(c0, x[0], y);
    c1 = addRow(c1, x[1], y);
    c2 = addRow(c2, x[2], y);
    c3 = addRow(c3, x[3], y);
  }
  if (N % TILE_N != 0 && col >= N) { return; }

  // The 16 rows in a loop, since drivers take seconds to compile 16 copies of a long epilogue. One
  // loop over an array: two, through whose rounds the blocks move up, take longer to compile.
  var rows = array(transpose(c0), transpose(c1), transpose(c2), transpose(c3));
  for (var i = 0u; i < 16; i++) {
    storeRow(batch, row + 4 * (lane ^ (i % 4)) + i / 4, col, rows[i / 4][i % 4]);
  }
}

// Adds to the numbers c what four terms make: x is a row of the lane's block of A, and y[j] are the
// terms of column j of B.
fn addRow(c: mat4x4f, x: vec4f, y: mat4x4f) -> mat4x4f {
  let rows = mat4x4f(x, quadSwapX(x), quadSwapY(x), quadSwapDiagonal(x));
  return mat4x4f(
    add(c[0], rows, y[0]),
    add(c[1], rows, y[1]),
    add(c[2], rows, y[2]),
    add(c[3], rows, y[3]),
  );
}
fn add(c: vec4f, x: mat4x4f, y: vec4f) -> vec4f {
  return vec4f(dot(y, x[0]) + c.x, dot(y, x[1]) + c.y, dot(y, x[2]) + c.z, dot(y, x[3]) + c.w);
}
