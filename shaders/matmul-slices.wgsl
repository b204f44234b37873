// C[b] = op(A[b]) op(B[b]), row-major, where op is the identity or the transpose.
//
// The threads of a workgroup share the terms of the sums: each adds up every SLICES-th block of four
// terms to a block of 4 x 4 numbers of C, straight from storage, and then they add up what they have
// by way of workgroup memory. For GPUs with fast workgroup memory, and products with so few numbers
// in C that a thread for each block would leave most of the GPU idle.

const THREADS_X: u32 = 4; // blocks of a workgroup along the columns of C
const THREADS_Y: u32 = 4; // and along its rows
const SLICES: u32 = 16; // threads for each of them

const TILE_M = 4 * THREADS_Y;
const TILE_N = 4 * THREADS_X;
const GROUPS = BATCH * TILES_Y * TILES_X;
const BLOCKS = THREADS_X * THREADS_Y;
// Threads that follow each other read what lies side by side: blocks of terms, where these are in the
// rows of both operands.
const TERMS_FIRST = TRANSPOSE_B && !TRANSPOSE_A;

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
