// Where the updates of each target begin in the order of their indices: how many of these are less than the target.
// Indices outside of the targets are those of the first or the last one.

const LISTS: u32 = 1; // of indices
const INNER: u32 = 1; // elements from one index of a list to the next
const COUNT: u32 = 64; // indices of a list
const STEP: u32 = 64; // the largest power of 2 that is no more than COUNT
const LENGTH: u32 = 64; // targets
const SIGNED: bool = true;
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

@group(0) @binding(0) var<storage, read_write> sorted: array<u32>;
@group(0) @binding(1) var<storage, read_write> starts: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = (workgroup.y * GRID_X + workgroup.x) * 64 + thread;
  if (i >= LISTS * (LENGTH + 1)) { return; }
  let list = i / (LENGTH + 1);
  let place = i % (LENGTH + 1);
  let start = list / INNER * COUNT * INNER + list % INNER;
  var count = 0u;
  for (var step = STEP + workgroup.z; step > 0; step /= 2) {
    let next = count + step;
    let index = sorted[start + (min(next, COUNT) - 1) * INNER];
    let comes = select(index < place, bitcast<i32>(index) < i32(place), SIGNED);
    count = select(count, next, comes && next <= COUNT);
  }
  count = select(count, 0, place == 0);
  starts[i] = select(count, COUNT, place == LENGTH);
}
