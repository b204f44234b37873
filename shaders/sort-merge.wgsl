// Merges each two neighbouring sorted runs of a row: an element's place is its place in its own run and the number of
// elements of the other run that come before it, which a binary search finds.

const ROWS: u32 = 1; // rows in all
const INNER: u32 = 1; // elements of x from one of a row to the next
const LENGTH: u32 = 128; // elements of a row
const RUNS: u32 = 2; // runs of a row
const RUN: u32 = 64; // elements of a run
const KEEP: u32 = 128; // elements of a merged run that are kept
const STEP: u32 = 64; // the largest power of 2 that is no more than RUN
const SOURCE: u32 = 0; // where in `pairs` the runs begin, and the merged ones
const TARGET: u32 = 128;
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

const MERGED = (RUNS + 1) / 2;

@group(0) @binding(0) var<storage, read_write> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> values: array<u32>;
@group(0) @binding(2) var<storage, read_write> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> pairs: array<vec2u>;

// What becomes of element `place` of a merged run.
fn store(row: u32, run: u32, place: u32, pair: vec2u) { pairs[TARGET + (row * MERGED + run) * KEEP + place] = pair; }

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = (workgroup.y * GRID_X + workgroup.x) * 64 + thread;
  if (i >= ROWS * RUNS * RUN) { return; }
  let row = i / (RUNS * RUN);
  let run = i / RUN % RUNS;
  let place = i % RUN;
  let pair = pairs[SOURCE + i];
  let other = run ^ 1;
  var rank = place;
  if (other < RUNS) {
    let start = SOURCE + (row * RUNS + other) * RUN;
    // Of equal elements those of the first run come first.
    let second = run % 2 == 1;
    var count = 0u;
    for (var step = STEP + workgroup.z; step > 0; step /= 2) {
      let next = count + step;
      let key = pairs[start + min(next, RUN) - 1].x;
      let comes = key < pair.x || (second && key == pair.x);
      count = select(count, next, comes && next <= RUN);
    }
    rank += count;
  } else if (RUN + place < KEEP) {
    // The last run, where their number is odd, is filled up by what comes last.
    store(row, run / 2, RUN + place, vec2u(0xffffffffu));
  }
  if (rank < KEEP) { store(row, run / 2, rank, pair); }
}

// Puts element `element` of x's row in its place in the results.
fn take(row: u32, place: u32, element: u32) {
  let i = (row / INNER * KEEP + place) * INNER + row % INNER;
  values[i] = x[(row / INNER * LENGTH + element) * INNER + row % INNER];
  indices[i] = element;
}
