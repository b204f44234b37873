// Sums of blocks of updates, in the order of their indices, that have the same target: for targets of many updates.

alias Element = f32; // of the updates, or four neighbours

const OUTER: u32 = 1;
const COUNT: u32 = 64; // indices of a list
const INNER: u32 = 1; // elements of updates for each index
const OWN: bool = false; // each of outer and inner has a list of its own
const LENGTH: u32 = 64; // targets
const SIGNED: bool = true;
const BLOCK: u32 = 64; // updates of a block
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

const BLOCKS = COUNT / BLOCK; // whole ones

@group(0) @binding(0) var<storage, read_write> updates: array<Element>;
@group(0) @binding(1) var<storage, read_write> sorted: array<u32>;
@group(0) @binding(2) var<storage, read_write> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<Element>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = (workgroup.y * GRID_X + workgroup.x) * 64 + thread;
  if (i >= OUTER * BLOCKS * INNER) { return; }
  let inner = i % INNER;
  let outer = i / (BLOCKS * INNER);
  let start = i / INNER % BLOCKS * BLOCK;
  let end = start + BLOCK;
  if (targetAt(outer, start, inner) != targetAt(outer, end - 1, inner)) { return; }
  var sum = Element();
  for (var j = start + workgroup.z; j < end; j++) {
    sum += updates[(outer * COUNT + order[at(outer, j, inner)]) * INNER + inner];
  }
  sums[i] = sum;
}

// Where index j of a list lies.
fn at(outer: u32, j: u32, inner: u32) -> u32 {
  return select(j, (outer * COUNT + j) * INNER + inner, OWN);
}

fn targetAt(outer: u32, j: u32, inner: u32) -> u32 {
  let index = sorted[at(outer, j, inner)];
  if (SIGNED) { return u32(clamp(bitcast<i32>(index), 0, i32(LENGTH - 1))); }
  return min(index, LENGTH - 1);
}
