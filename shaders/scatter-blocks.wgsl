// Sums of blocks of updates, in the order of their indices, that have the same target: for targets of many updates.

const SIGNED: bool = true;

@group(0) @binding(3) var<storage, read_write> sorted: array<u32>;

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
  for (var j = start + workgroup.z; j < end; j++) { sum += update(outer, j, inner); }
  sums[i] = sum;
}

fn targetAt(outer: u32, j: u32, inner: u32) -> u32 {
  let index = sorted[at(outer, j, inner)];
  if (SIGNED) { return u32(clamp(bitcast<i32>(index), 0, i32(LENGTH - 1))); }
  return min(index, LENGTH - 1);
}
