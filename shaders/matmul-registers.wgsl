// C[b] = op(A[b]) op(B[b]), row-major, where op is the identity or the transpose.
//
// Each thread keeps a block of 4 x 4 numbers of C in registers and reads blocks of both operands
// straight from storage, without workgroup memory. For adapters whose caches are as good as
// workgroup memory (Apple, mobile, CPUs), and for small products on all.

const THREADS_X: u32 = 8; // blocks of a workgroup along the columns of C
const THREADS_Y: u32 = 8; // and along its rows

const TILE_M = 4 * THREADS_Y;
const TILE_N = 4 * THREADS_X;
const GROUPS = BATCH * TILES_Y * TILES_X;

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
  for (var i = 0u; i < turns((K + 3) / 4); i++) {
    let b = blockB(first.y + i * STEP_B, 4 * i, n);
    let a = blockA(first.x + i * STEP_A, m, 4 * i);
    // A row alone is a quarter of the work, as long as the others are not read.
    if (M == 1) { block[0] += b * a[0]; } else { block += b * a; }
  }
  storeBlock(batch, m, n, block);
}
