// The rows that the sorting kernels take, the keys of their elements, and their results; the end of each of these kernels.

const ROWS: u32 = 1; // rows in all
const INNER: u32 = 1; // elements of x from one of a row to the next
const LENGTH: u32 = 64; // elements of a row
const KEEP: u32 = 64; // elements of each block, or of a merged run, that are kept
const FLOAT: bool = true; // of the elements of x
const SIGNED: bool = true;
const DESCENDING: bool = false;
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

@group(0) @binding(0) var<storage, read_write> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> values: array<u32>;
@group(0) @binding(2) var<storage, read_write> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> pairs: array<vec2u>;

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
