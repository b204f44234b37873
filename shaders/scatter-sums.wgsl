// The sum of the updates of each target, in the order of their indices: one by one up to the next whole block, then
// blocks, then the rest.

@group(0) @binding(3) var<storage, read_write> starts: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = (workgroup.y * GRID_X + workgroup.x) * 64 + thread;
  if (i >= OUTER * LENGTH * INNER) { return; }
  let inner = i % INNER;
  let place = i / INNER % LENGTH;
  let outer = i / (LENGTH * INNER);
  let list = select(0, outer * INNER + inner, OWN);
  let start = starts[list * (LENGTH + 1) + place];
  let end = starts[list * (LENGTH + 1) + place + 1];
  let firstBlock = (start + BLOCK - 1) / BLOCK;
  let lastBlock = max(firstBlock, end / BLOCK);
  var sum = Element();
  for (var j = start; j < min(end, firstBlock * BLOCK); j++) { sum += update(outer, j, inner); }
  for (var j = firstBlock; j < lastBlock; j++) { sum += sums[(outer * BLOCKS + j) * INNER + inner]; }
  for (var j = lastBlock * BLOCK; j < end; j++) { sum += update(outer, j, inner); }
  y[i] = sum;
}
