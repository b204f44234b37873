// C[b] = op(A[b]) op(B[b]), row-major, where op is the identity or the transpose.
//
// Each thread makes a number of C. For CPUs, whose drivers compile this soonest: for tiny products, and
// for the first runs of others, with the terms added in the order of matmul-terms or of matmul-quad.

const FOURS: bool = false; // whether four terms are added up before they are added to the others

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
  for (var k = 0u; k < turns(K); k += select(1u, 4, FOURS)) {
    if (FOURS) {
      let terms = min(k + vec4u(0, 1, 2, 3), vec4u(K - 1));
      let x = row + terms * TERM_A;
      let y = col + terms * TERM_B;
      let a = vec4f(loadA(x.x), loadA(x.y), loadA(x.z), loadA(x.w));
      let b = vec4f(loadB(y.x), loadB(y.y), loadB(y.z), loadB(y.w));
      sum += dot(inside(a, k), inside(b, k));
    } else {
      sum += loadA(row + k * TERM_A) * loadB(col + k * TERM_B);
    }
  }
  store(batch, m, n, sum);
}

// Terms beyond K become 0 in both operands: 0 in one is no help where the other is infinite.
fn inside(x: vec4f, k: u32) -> vec4f {
  if (K % 4 == 0) { return x; }
  return select(vec4f(), x, k + vec4u(0, 1, 2, 3) < vec4u(K));
}
