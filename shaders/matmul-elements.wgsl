// C[b] = op(A[b]) op(B[b]), row-major, where op is the identity or the transpose.
//
// Each thread makes a number of C, and adds its terms in the order of matmul-terms. For tiny products
// on CPUs: their drivers compile this in half of the time that they take for that.

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  none = workgroup.z;
  let i = (workgroup.y * GRID_X + workgroup.x) * THREADS + thread;
  if (i >= BATCH * M * N) { return; }
  let batch = i / (M * N);
  let m = i / N % M;
  let n = i % N;
  let row = batchA(batch) * M * K + ROW_A * m;
  let col = batchB(batch) * K * N + COLUMN_B * n;
  var sum = 0.0;
  // Bounds that the compiler does not know keep it from unrolling.
  for (var k = 0u; k < K + none; k++) { sum += loadA(row + k * TERM_A) * loadB(col + k * TERM_B); }
  store(batch, m, n, sum);
}
