// C[b] = op(A[b]) op(B[b]), row-major, where op is the identity or the transpose.
//
// The threads of a workgroup share the terms of the sums: each adds up every SLICES-th block of four
// terms to a block of 4 x 4 numbers of C, straight from storage, and then they add up what they have
// by way of workgroup memory. For GPUs with fast workgroup memory, and products with so few numbers
// in C that a thread for each block would leave most of the GPU idle.

const BATCH: u32 = 1; // matrices in C
const M: u32 = 64; // rows of C
const N: u32 = 64; // columns of C
const K: u32 = 64; // terms of each sum
const TRANSPOSE_A: bool = false; // A is stored as [K, M]
const TRANSPOSE_B: bool = false; // B is stored as [N, K]
const WIDTH_A: u32 = 4; // numbers in an element of `a`: 4 if its rows are whole vectors, or 1
const WIDTH_B: u32 = 4;
const THREADS_X: u32 = 4; // blocks of a workgroup along the columns of C
const THREADS_Y: u32 = 4; // and along its rows
const SLICES: u32 = 16; // threads for each of them
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

const TILE_M = 4 * THREADS_Y;
const TILE_N = 4 * THREADS_X;
const TILES_Y = (M + TILE_M - 1) / TILE_M;
const TILES_X = (N + TILE_N - 1) / TILE_N;
const GROUPS = BATCH * TILES_Y * TILES_X;
const BLOCKS = THREADS_X * THREADS_Y;
// Threads that follow each other read what lies side by side: blocks of terms, where these are in the
// rows of both operands.
const TERMS_FIRST = TRANSPOSE_B && !TRANSPOSE_A;

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

// Rows of the blocks: by slice, row of the tile, and block in the row.
var<workgroup> sums: array<vec4f, SLICES * 4 * BLOCKS>;

@compute @workgroup_size(BLOCKS * SLICES)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  none = workgroup.z;
  let group = workgroup.y * GRID_X + workgroup.x;
  if (group >= GROUPS) { return; }
  let batch = group / (TILES_Y * TILES_X);
  let row = TILE_M * (group / TILES_X % TILES_Y);
  let col = TILE_N * (group % TILES_X);

  let slice = select(thread / BLOCKS, thread % SLICES, TERMS_FIRST);
  let place = select(thread % BLOCKS, thread / SLICES, TERMS_FIRST);
  let y = place / THREADS_X;
  let x = place % THREADS_X;
  // A block that is not there is computed like the last one that is, and not stored.
  let m = min(row + 4 * y, (M - 1) / 4 * 4);
  let n = min(col + 4 * x, (N - 1) / 4 * 4);
  let first = vec2u(startA(batch, m), startB(batch, n));
  var block: mat4x4f;
  for (var i = slice; i < (K + 3) / 4; i += SLICES) {
    block += blockB(first.y + i * STEP_B, 4 * i, n) * blockA(first.x + i * STEP_A, m, 4 * i);
  }

  let at = (slice * TILE_M + 4 * y) * THREADS_X + x;
  sums[at] = block[0];
  sums[at + THREADS_X] = block[1];
  sums[at + 2 * THREADS_X] = block[2];
  sums[at + 3 * THREADS_X] = block[3];
  workgroupBarrier();
  for (var i = thread; i < 4 * BLOCKS; i += BLOCKS * SLICES) {
    var sum = sums[i];
    for (var slice = 1u; slice < SLICES; slice++) { sum += sums[slice * 4 * BLOCKS + i]; }
    let column = col + i % THREADS_X * 4;
    if (column < N) { storeRow(batch, row + i / THREADS_X, column, sum); }
  }
}
