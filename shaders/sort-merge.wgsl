// Merges each two neighbouring sorted runs of a row: an element's place is its place in its own run and the number of
// elements of the other run that come before it, which a binary search finds.

const RUNS: u32 = 2; // runs of a row
const RUN: u32 = 64; // elements of a run
const STEP: u32 = 64; // the largest power of 2 that is no more than RUN
const SOURCE: u32 = 0; // where in `pairs` the runs begin, and the merged ones
const TARGET: u32 = 128;

const MERGED = (RUNS + 1) / 2;

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
