// L with LLᵀ = (X + Xᵀ)/2 column by column, a workgroup for each matrix, each thread for some of the rows:
//   lᵢⱼ = (sᵢⱼ − Σₖ lᵢₖ lⱼₖ) / √(sⱼⱼ − Σₖ lⱼₖ²)   with k < j
// All threads compute the root, so that there is one barrier for each column.

const N: u32 = 8; // rows and columns of a matrix
const COUNT: u32 = 1; // matrices
const THREADS: u32 = 8; // of a workgroup
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> lower: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let matrix = workgroup.y * GRID_X + workgroup.x;
  if (matrix >= COUNT) { return; }
  // It is 0, but compilers cannot know that: those of CPU drivers would unroll loops of known length.
  let none = workgroup.z;
  let start = matrix * N * N;
  var definite = true;
  for (var j = none; j < N; j++) {
    let row = start + j * N;
    var pivot = x[row + j];
    for (var k = none; k < j; k++) { pivot -= lower[row + k] * lower[row + k]; }
    definite = definite && pivot > 0;
    let root = sqrt(pivot);
    for (var i = thread + none; i < N; i += THREADS) {
      let own = start + i * N;
      var value = (x[own + j] + x[row + i]) * 0.5;
      for (var k = none; k < j && i > j; k++) { value -= lower[own + k] * lower[row + k]; }
      lower[own + j] = select(select(0, root, i == j), value / root, i > j);
    }
    storageBarrier();
    workgroupBarrier();
  }
  if (definite) { return; }
  for (var i = thread + none; i < N; i += THREADS) {
    for (var j = none; j < N; j++) { lower[start + i * N + j] = bitcast<f32>(0x7fc00000 + none); }
  }
}
