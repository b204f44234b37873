// C[b] = op(A[b]) op(B[b]), row-major, where op is the identity or the transpose.
//
// 128 threads make a tile of 64 x 64 numbers of C, 8 x 4 each. For 16 terms at a time they stage
// 64 rows of op(A) and 64 columns of op(B) in workgroup memory, each thread one block of 4 x 4, so
// that every number is read from storage once per tile. For GPUs with fast workgroup memory.

const TILE_M = 64;
const TILE_N = 64;
const TERMS = 16; // staged at a time
const GROUPS = BATCH * TILES_Y * TILES_X;

// Staged by term, then by block: rows of op(A), columns of op(B). One vector more than the 16 in a
// row, so that threads which stage neighbouring terms write to different banks.
const STAGED_PITCH = 17;
var<workgroup> stagedA: array<vec4f, TERMS * STAGED_PITCH>;
var<workgroup> stagedB: array<vec4f, TERMS * STAGED_PITCH>;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  none = workgroup.z;
  let group = workgroup.y * GRID_X + workgroup.x;
  if (group >= GROUPS) { return; }
  let batch = group / (TILES_Y * TILES_X);
  let row = TILE_M * (group / TILES_X % TILES_Y);
  let col = TILE_N * (group % TILES_X);

  let x = thread / 16 * 2; // of stagedA: this thread's rows of C are 4 x ... 4 x + 7
  let y = thread % 16; // of stagedB
  var c0: mat4x4f;
  var c1: mat4x4f;
  for (var k = 0u; k < K; k += TERMS) {
    if (thread < 64) { stageA(batch, row, k, thread); } else { stageB(batch, k, col, thread - 64); }
    workgroupBarrier();
    for (var u = 0u; u < TERMS; u++) {
      let four = stagedB[u * STAGED_PITCH + y];
      c0 += outer(four, stagedA[u * STAGED_PITCH + x]);
      c1 += outer(four, stagedA[u * STAGED_PITCH + x + 1]);
    }
    workgroupBarrier();
  }
  storeBlock(batch, row + 4 * x, col + 4 * y, c0);
  storeBlock(batch, row + 4 * x + 4, col + 4 * y, c1);
}

fn outer(y: vec4f, x: vec4f) -> mat4x4f { return mat4x4f(y * x.x, y * x.y, y * x.z, y * x.w); }

// Stages block `thread` of 16 x 4; threads that follow each other read what lies side by side.
fn stageA(batch: u32, row: u32, k: u32, thread: u32) {
  let at = select(vec2u(thread / 4, thread % 4), vec2u(thread % 16, thread / 16), TRANSPOSE_A);
  let m = min(row + 4 * at.x, (M - 1) / 4 * 4);
  let term = k + 4 * at.y;
  var x: mat4x4f;
  if (term < K) { x = transpose(blockA(startA(batch, m) + term / 4 * STEP_A, m, term)); }
  let i = 4 * at.y * STAGED_PITCH + at.x;
  stagedA[i] = x[0];
  stagedA[i + STAGED_PITCH] = x[1];
  stagedA[i + 2 * STAGED_PITCH] = x[2];
  stagedA[i + 3 * STAGED_PITCH] = x[3];
}
fn stageB(batch: u32, k: u32, col: u32, thread: u32) {
  let at = select(vec2u(thread % 16, thread / 16), vec2u(thread / 4, thread % 4), TRANSPOSE_B);
  let n = min(col + 4 * at.x, (N - 1) / 4 * 4);
  let term = k + 4 * at.y;
  var y: mat4x4f;
  if (term < K) { y = blockB(startB(batch, n) + term / 4 * STEP_B, term, n); }
  let i = 4 * at.y * STAGED_PITCH + at.x;
  stagedB[i] = y[0];
  stagedB[i + STAGED_PITCH] = y[1];
  stagedB[i + 2 * STAGED_PITCH] = y[2];
  stagedB[i + 3 * STAGED_PITCH] = y[3];
}
