// C[b] = op(A[b]) op(B[b]), row-major, where op is the identity or the transpose.
//
// Each thread keeps a block of 4 x 4 numbers of C in registers and adds one term at a time to it,
// the outer product of four numbers of A and four of B. For small products on CPUs, whose drivers
// compile this in a third of the time that they take for blocks of four terms.

const BLOCKS_Y = (M + 3) / 4;
const BLOCKS_X = (N + 3) / 4;
const BLOCKS = BATCH * BLOCKS_Y * BLOCKS_X;

// Four elements; a row or column that is the only one is read once, which CPU drivers don't find out.
fn fourA(i: vec4u) -> vec4f {
  if (M == 1) { return vec4f(loadA(i.x)); }
  return vec4f(loadA(i.x), loadA(i.y), loadA(i.z), loadA(i.w));
}
fn fourB(i: vec4u) -> vec4f {
  if (N == 1) { return vec4f(loadB(i.x)); }
  return vec4f(loadB(i.x), loadB(i.y), loadB(i.z), loadB(i.w));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  none = workgroup.z;
  let block = (workgroup.y * GRID_X + workgroup.x) * THREADS + thread;
  // Workgroups may be more than are asked for where they lie in several rows.
  if ((BLOCKS % THREADS != 0 || BLOCKS / THREADS > GRID_X) && block >= BLOCKS) { return; }
  let batch = block / (BLOCKS_Y * BLOCKS_X);
  let m = 4 * (block / BLOCKS_X % BLOCKS_Y);
  let n = 4 * (block % BLOCKS_X);

  // Where the terms of each row and column begin. One that is not there is the last one that is: it
  // spoils nothing that is stored.
  let rows = batchA(batch) * M * K + ROW_A * min(m + vec4u(0, 1, 2, 3), vec4u(M - 1));
  let cols = batchB(batch) * K * N + COLUMN_B * min(n + vec4u(0, 1, 2, 3), vec4u(N - 1));
  var c0: vec4f;
  var c1: vec4f;
  var c2: vec4f;
  var c3: vec4f;
  for (var k = 0u; k < turns(K); k++) {
    let x = fourA(rows + k * TERM_A);
    let y = fourB(cols + k * TERM_B);
    c0 += x.x * y;
    if (M > 1) {
      c1 += x.y * y;
      c2 += x.z * y;
      c3 += x.w * y;
    }
  }
  // One loop over an array: two, through whose rounds the rows move up, take longer to compile.
  var values = array(c0, c1, c2, c3);
  for (var i = 0u; i < turns(16); i++) {
    let row = m + i / 4;
    let col = n + i % 4;
    if ((M % 4 == 0 || row < M) && (N % 4 == 0 || col < N)) {
      store(batch, row, col, values[i / 4][i % 4]);
    }
  }
}
