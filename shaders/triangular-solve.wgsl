// Substitution, a thread for each right side.

const N: u32 = 8; // rows of a matrix
const WIDTH: u32 = 4; // right sides of a matrix
const COUNT: u32 = 4; // right sides in all
const SHARED: bool = false; // there is one matrix for all
const REPEATED: bool = false; // there are the right sides of one matrix for all
const FORWARD: bool = true; // from the first row to the last
const ACROSS: bool = false; // of the transposed matrix
const UNIT: bool = false; // the diagonal is taken for ones
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

@group(0) @binding(0) var<storage, read_write> triangle: array<f32>;
@group(0) @binding(1) var<storage, read_write> right: array<f32>;
@group(0) @binding(2) var<storage, read_write> solution: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let side = (workgroup.y * GRID_X + workgroup.x) * 64 + thread;
  if (side >= COUNT) { return; }
  let matrix = side / WIDTH;
  let start = select(matrix * N * N, 0, SHARED);
  let own = matrix * N * WIDTH + side % WIDTH;
  let given = select(own, side % WIDTH, REPEATED);
  for (var t = workgroup.z; t < N; t++) {
    let i = nth(t);
    var value = right[given + i * WIDTH];
    for (var u = workgroup.z; u < t; u++) {
      let k = nth(u);
      value -= triangle[start + at(i, k)] * solution[own + k * WIDTH];
    }
    if (!UNIT) { value /= triangle[start + at(i, i)]; }
    solution[own + i * WIDTH] = value;
  }
}

fn nth(t: u32) -> u32 {
  return select(N - 1 - t, t, FORWARD);
}

fn at(i: u32, k: u32) -> u32 {
  return select(i * N + k, k * N + i, ACROSS);
}
