// How kernels of products read and store blocks of 4 x 4; before matmul-product the end of those that
// do. A kernel declares TILE_M and TILE_N, the sides of its tiles of C.
//
// The columns of a block are four rows of op(A), or four rows of op(B):
//   x[i][u] = op(A)[m + i, k + u]   y[u][j] = op(B)[k + u, n + j]
// so that (y * x)[i][j] is what these four terms add to C[m + i, n + j].

const WIDTH_A: u32 = 4; // numbers in an element of `a`: 4 if its rows are whole vectors, or 1
const WIDTH_B: u32 = 4;

const TILES_Y = (M + TILE_M - 1) / TILE_M;
const TILES_X = (N + TILE_N - 1) / TILE_N;

@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;

// Four neighbours in a row as stored, from element i on; in the place of those beyond the columns
// that are left, the last one of the row.
fn fourA(i: u32, cols: u32) -> vec4f { return a[i]; }
fn fourB(i: u32, cols: u32) -> vec4f { return b[i]; }

// What becomes of four columns of the result; used where N is a multiple of 4.
fn store4(batch: u32, row: u32, col: u32, value: vec4f) { store(batch, row, col, value.x); store(batch, row, col + 1, value.y); store(batch, row, col + 2, value.z); store(batch, row, col + 3, value.w); }

// Elements of `a` and `b` from a stored row to the next, and from a block to the next four terms.
const PITCH_A = select(K, M, TRANSPOSE_A) / WIDTH_A;
const PITCH_B = select(N, K, TRANSPOSE_B) / WIDTH_B;
const STEP_A = select(4, 4 * M, TRANSPOSE_A) / WIDTH_A;
const STEP_B = select(4 * N, 4, TRANSPOSE_B) / WIDTH_B;

// The elements of op(A) in row m and of op(B) in column n where k is 0.
fn startA(batch: u32, m: u32) -> u32 { return (batchA(batch) * M * K + select(m * K, m, TRANSPOSE_A)) / WIDTH_A; }
fn startB(batch: u32, n: u32) -> u32 { return (batchB(batch) * K * N + select(n, n * K, TRANSPOSE_B)) / WIDTH_B; }

// How many there are from `first` on; four are sure if the length is a multiple of four.
fn left(length: u32, first: u32) -> u32 { return select(length - first, 4, length % 4 == 0); }

// The blocks at address i. Operands that do not lie in memory as matrices are gathered instead: then
// STEP_A is 0, startA is the batch, and blockA computes the places of its elements.
fn blockA(i: u32, m: u32, k: u32) -> mat4x4f { if (TRANSPOSE_A) { return cutA(transpose(rowsA(i, left(K, k), left(M, m))), k); } return cutA(rowsA(i, left(M, m), left(K, k)), k); }
fn blockB(i: u32, k: u32, n: u32) -> mat4x4f { if (TRANSPOSE_B) { return cutB(transpose(rowsB(i, left(N, n), left(K, k))), k); } return cutB(rowsB(i, left(K, k), left(N, n)), k); }

// Four rows as stored. A row or column that is not there is the last one that is: nothing beyond
// the matrix is read, and the rows and columns of C that it spoils are not stored. What there is
// only one of is read once, which CPU drivers don't find out.
fn rowsA(i: u32, rows: u32, cols: u32) -> mat4x4f {
  if (M == 1) {
    let row = fourA(i, cols);
    return mat4x4f(row, row, row, row);
  }
  return mat4x4f(
    fourA(i, cols),
    fourA(i + min(1, rows - 1) * PITCH_A, cols),
    fourA(i + min(2, rows - 1) * PITCH_A, cols),
    fourA(i + min(3, rows - 1) * PITCH_A, cols),
  );
}
fn rowsB(i: u32, rows: u32, cols: u32) -> mat4x4f {
  if (N == 1) {
    let row = fourB(i, cols);
    return mat4x4f(row, row, row, row);
  }
  return mat4x4f(
    fourB(i, cols),
    fourB(i + min(1, rows - 1) * PITCH_B, cols),
    fourB(i + min(2, rows - 1) * PITCH_B, cols),
    fourB(i + min(3, rows - 1) * PITCH_B, cols),
  );
}

// Terms beyond K become 0 in both operands: 0 in one is no help where the other is infinite.
fn cutA(x: mat4x4f, k: u32) -> mat4x4f {
  if (K % 4 == 0) { return x; }
  let inside = vec4u(k, k + 1, k + 2, k + 3) < vec4u(K);
  return mat4x4f(
    select(vec4f(), x[0], inside),
    select(vec4f(), x[1], inside),
    select(vec4f(), x[2], inside),
    select(vec4f(), x[3], inside),
  );
}
fn cutB(y: mat4x4f, k: u32) -> mat4x4f {
  if (K % 4 == 0) { return y; }
  return mat4x4f(
    y[0],
    select(vec4f(), y[1], k + 1 < K),
    select(vec4f(), y[2], k + 2 < K),
    select(vec4f(), y[3], k + 3 < K),
  );
}

// Stores four rows of C, given in the columns of a matrix, as far as they lie within C. Unrolled,
// so that they stay in registers on GPUs; matmul-quad, which is for CPUs, has a loop of its own.
fn storeBlock(batch: u32, row: u32, col: u32, block: mat4x4f) {
  if (N % TILE_N != 0 && col >= N) { return; }
  storeRow(batch, row, col, block[0]);
  storeRow(batch, row + 1, col, block[1]);
  storeRow(batch, row + 2, col, block[2]);
  storeRow(batch, row + 3, col, block[3]);
}
fn storeRow(batch: u32, row: u32, col: u32, value: vec4f) {
  if (M % TILE_M != 0 && row >= M) { return; }
  if (N % 4 == 0) {
    store4(batch, row, col, value);
  } else {
    store(batch, row, col, value.x);
    if (col + 1 < N) { store(batch, row, col + 1, value.y); }
    if (col + 2 < N) { store(batch, row, col + 2, value.z); }
    if (col + 3 < N) { store(batch, row, col + 3, value.w); }
  }
}
