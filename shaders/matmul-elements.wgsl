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
  let row = i / N % M;
  let col = i % N;
  let x = batchA(batch) * M * K + row * ROW_A;
  let y = batchB(batch) * K * N + col * COLUMN_B;
  var sum = 0.0;
  // Bounds that the compiler does not know keep it from unrolling.
  for (var k = 0u; k < K + none; k++) { sum += loadA(x + k * TERM_A) * loadB(y + k * TERM_B); }
  store(batch, row, col, sum);
}
