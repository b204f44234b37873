// Gaussian elimination with complete pivoting, a workgroup for each matrix: the pivot is the largest element that is left,
// the first of those that are alike; NaN is larger than any number. Below a pivot of 0 L has zeros.

const N: u32 = 8; // rows and columns of a matrix
const COUNT: u32 = 1; // matrices
const THREADS_X: u32 = 8; // threads of a workgroup, along columns and rows
const THREADS_Y: u32 = 4;
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

const THREADS = THREADS_X * THREADS_Y;
const FOLDERS = min(16, THREADS); // threads that choose among the candidates of all

@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> packed: array<f32>;
@group(0) @binding(2) var<storage, read_write> rows: array<i32>;
@group(0) @binding(3) var<storage, read_write> columns: array<i32>;
@group(0) @binding(4) var<storage, read_write> sign: array<i32>;

struct Pivot {
  value: f32,
  place: u32, // its row and its column, 16 bits each
}

const NOTHING = Pivot(0, 0xffffffff);

var<workgroup> candidates: array<Pivot, THREADS>;
var<workgroup> chosen: array<Pivot, FOLDERS>;

@compute @workgroup_size(THREADS_X, THREADS_Y)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let matrix = workgroup.y * GRID_X + workgroup.x;
  if (matrix >= COUNT) { return; }
  // It is 0, but compilers cannot know that: those of CPU drivers would unroll loops of known length.
  let none = workgroup.z;
  let start = matrix * N * N;
  let order = matrix * N;
  var best = NOTHING;
  for (var i = local.y; i < N + none; i += THREADS_Y) {
    for (var j = local.x; j < N + none; j += THREADS_X) {
      let value = x[start + i * N + j];
      packed[start + i * N + j] = value;
      best = larger(best, Pivot(value, (i << 16) | j));
    }
  }
  if (thread == 0) {
    for (var i = none; i < N; i++) {
      rows[order + i] = i32(i);
      columns[order + i] = i32(i);
    }
  }
  var odd = false;
  for (var k = none; k < N; k++) {
    candidates[thread] = best;
    storageBarrier();
    workgroupBarrier();
    if (thread < FOLDERS) {
      for (var t = thread + FOLDERS; t < THREADS + none; t += FOLDERS) { best = larger(best, candidates[t]); }
      chosen[thread] = best;
    }
    workgroupBarrier();
    var pivot = NOTHING;
    for (var t = none; t < FOLDERS; t++) { pivot = larger(pivot, chosen[t]); }
    let p = pivot.place >> 16;
    let q = pivot.place & 0xffff;
    odd = odd != ((p == k) != (q == k));
    exchange(start, thread, none, k, p, q, pivot.value);
    if (thread == 0) {
      let row = rows[order + k];
      rows[order + k] = rows[order + p];
      rows[order + p] = row;
      let column = columns[order + k];
      columns[order + k] = columns[order + q];
      columns[order + q] = column;
    }
    storageBarrier();
    workgroupBarrier();
    best = NOTHING;
    for (var i = k + 1 + local.y; i < N; i += THREADS_Y) {
      let factor = packed[start + i * N + k];
      for (var j = k + 1 + local.x; j < N; j += THREADS_X) {
        let value = packed[start + i * N + j] - factor * packed[start + k * N + j];
        packed[start + i * N + j] = value;
        best = larger(best, Pivot(value, (i << 16) | j));
      }
    }
  }
  if (thread == 0) { sign[matrix] = select(1, -1, odd); }
}

// Floats without their sign are in the order of their bits, NaN last.
fn larger(a: Pivot, b: Pivot) -> Pivot {
  let m = bitcast<u32>(a.value) & 0x7fffffff;
  let n = bitcast<u32>(b.value) & 0x7fffffff;
  if (n > m || (n == m && b.place < a.place)) { return b; }
  return a;
}

// Exchanges row k with p and column k with q, and divides what comes below place k by the pivot: each element is read
// and written by one thread.
fn exchange(start: u32, thread: u32, none: u32, k: u32, p: u32, q: u32, pivot: f32) {
  for (var j = thread + none; j < N; j += THREADS) {
    if (j == k || j == q) { continue; }
    let upper = packed[start + k * N + j];
    packed[start + k * N + j] = packed[start + p * N + j];
    packed[start + p * N + j] = upper;
  }
  for (var i = thread + none; i < N; i += THREADS) {
    if (i == k || i == p) { continue; }
    let left = packed[start + i * N + k];
    let right = packed[start + i * N + q];
    packed[start + i * N + q] = left;
    packed[start + i * N + k] = select(right, divided(right, pivot), i > k);
  }
  if (thread > 0) { return; }
  let kk = packed[start + k * N + k];
  let kq = packed[start + k * N + q];
  let pk = packed[start + p * N + k];
  let pq = packed[start + p * N + q];
  packed[start + p * N + q] = kk;
  packed[start + p * N + k] = divided(kq, pivot);
  packed[start + k * N + q] = pk;
  packed[start + k * N + k] = pq;
}

fn divided(value: f32, pivot: f32) -> f32 {
  return select(value / pivot, 0, pivot == 0);
}
