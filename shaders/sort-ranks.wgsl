// Sorts short blocks of rows without workgroup memory: an element's place is the number of elements of its block that
// come before it. For CPUs, where each barrier is a turn over all threads of a workgroup.

const ROWS: u32 = 1; // rows in all
const INNER: u32 = 1; // elements of x from one of a row to the next
const LENGTH: u32 = 64; // elements of a row
const BLOCK: u32 = 64; // elements of a block
const KEEP: u32 = 64; // elements of each block that are kept
const FLOAT: bool = true; // of the elements of x
const SIGNED: bool = true;
const DESCENDING: bool = false;
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

const BLOCKS = (LENGTH + BLOCK - 1) / BLOCK; // of a row

@group(0) @binding(0) var<storage, read_write> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> values: array<u32>;
@group(0) @binding(2) var<storage, read_write> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> pairs: array<vec2u>;

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

// Where an element of a row lies in x.
fn at(row: u32, place: u32) -> u32 {
  return (row / INNER * LENGTH + place) * INNER + row % INNER;
}

// Puts element `place` of x's row where it belongs in the results.
fn take(row: u32, place: u32, element: u32) {
  let i = (row / INNER * KEEP + place) * INNER + row % INNER;
  values[i] = x[at(row, element)];
  indices[i] = element;
}

// A number in the order of the elements, from their bits. −0 is 0, and NaN comes last.
fn keyOf(bits: u32) -> u32 {
  var key = bits;
  if (FLOAT) {
    let magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) { return 0xffffffffu; }
    if (magnitude == 0) { key = 0; }
    key = select(key | 0x80000000u, ~key, key >> 31 == 1);
  } else if (SIGNED) {
    key ^= 0x80000000u;
  }
  return select(key, ~key, DESCENDING);
}
