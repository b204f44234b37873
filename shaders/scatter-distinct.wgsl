// Updates at indices along an axis of which no two are alike: each is put in its place, over zeros.

const SIZE: u32 = 64; // updates, or elements to clear
const CLEAR: bool = false; // writes the zeros
const COUNT: u32 = 64; // indices along the axis
const INNER: u32 = 1; // elements from one along the axis to the next
const LENGTH: u32 = 64; // targets along the axis
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

@group(0) @binding(0) var<storage, read_write> updates: array<u32>;
@group(0) @binding(1) var<storage, read_write> indices: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = (workgroup.y * GRID_X + workgroup.x) * 64 + thread;
  if (i >= SIZE) { return; }
  if (CLEAR) {
    y[i] = 0;
    return;
  }
  let place = min(indices[i], LENGTH - 1);
  y[(i / (COUNT * INNER) * LENGTH + place) * INNER + i % INNER] = updates[i];
}
