// Sorts blocks of rows in workgroup memory, by a bitonic network (Batcher 1968) on pairs of a key and a place. Keys are
// integers in the order of the elements; as all places differ, equal elements keep their order.

const BLOCK: u32 = 64; // elements that are sorted together, a power of 2
const SHARE: u32 = 1; // blocks of a workgroup
const WORKGROUP: u32 = 32; // threads

const BLOCKS = (LENGTH + BLOCK - 1) / BLOCK; // of a row
const SIZE = BLOCK * SHARE;

var<workgroup> sorted: array<vec2u, SIZE>;

// What becomes of element `place` of a sorted block.
fn store(row: u32, block: u32, place: u32, pair: vec2u) { take(row, place, pair.y); }

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  // It is 0, but compilers cannot know that: those of CPU drivers would unroll loops of known length.
  let none = workgroup.z;
  let first = (workgroup.y * GRID_X + workgroup.x) * SHARE;
  for (var i = thread; i < SIZE + none; i += WORKGROUP) {
    let block = first + i / BLOCK;
    let place = block % BLOCKS * BLOCK + i % BLOCK;
    // What is filled in comes last.
    var key = 0xffffffffu;
    if (block < ROWS * BLOCKS && place < LENGTH) { key = keyOf(x[at(block / BLOCKS, place)]); }
    sorted[i] = vec2u(key, place);
  }
  for (var half = 1u + none; half < BLOCK; half *= 2) {
    // Two sorted halves, the second one from behind, are bitonic.
    workgroupBarrier();
    for (var i = thread; i < SIZE / 2 + none; i += WORKGROUP) {
      let start = i / half * 2 * half;
      exchange(start + i % half, start + 2 * half - 1 - i % half);
    }
    for (var apart = half / 2; apart > 0; apart /= 2) {
      workgroupBarrier();
      for (var i = thread; i < SIZE / 2 + none; i += WORKGROUP) {
        let a = i / apart * 2 * apart + i % apart;
        exchange(a, a + apart);
      }
    }
  }
  workgroupBarrier();
  for (var i = thread; i < SHARE * KEEP + none; i += WORKGROUP) {
    let block = first + i / KEEP;
    let place = i % KEEP;
    if (block < ROWS * BLOCKS) {
      store(block / BLOCKS, block % BLOCKS, place, sorted[i / KEEP * BLOCK + place]);
    }
  }
}

fn exchange(a: u32, b: u32) {
  let p = sorted[a];
  let q = sorted[b];
  if (q.x < p.x || (q.x == p.x && q.y < p.y)) {
    sorted[a] = q;
    sorted[b] = p;
  }
}
