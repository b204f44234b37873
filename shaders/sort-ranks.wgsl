// Sorts short blocks of rows without workgroup memory: an element's place is the number of elements of its block that
// come before it. For CPUs, where each barrier is a turn over all threads of a workgroup.

const BLOCK: u32 = 64; // elements of a block

const BLOCKS = (LENGTH + BLOCK - 1) / BLOCK; // of a row

// What becomes of element `place` of a sorted block.
fn store(row: u32, block: u32, place: u32, pair: vec2u) { take(row, place, pair.y); }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = (workgroup.y * GRID_X + workgroup.x) * 64 + thread;
  if (i >= ROWS * BLOCKS * BLOCK) { return; }
  let row = i / (BLOCKS * BLOCK);
  let block = i / BLOCK % BLOCKS;
  let start = block * BLOCK;
  let own = start + i % BLOCK;
  if (own >= LENGTH) {
    // What fills the last block up comes last.
    if (i % BLOCK < KEEP) { store(row, block, i % BLOCK, vec2u(0xffffffffu, own)); }
    return;
  }
  let key = keyOf(x[at(row, own)]);
  var rank = 0u;
  for (var j = start + workgroup.z; j < min(start + BLOCK, LENGTH); j++) {
    let other = keyOf(x[at(row, j)]);
    rank += select(0u, 1u, other < key || (other == key && j < own));
  }
  if (rank < KEEP) { store(row, block, rank, vec2u(key, own)); }
}
