// How kernels of products read single numbers; before matmul-product the end of those that do.

const THREADS: u32 = 16; // of a workgroup

// Elements from a row of op(A), or a column of op(B), to the next, and from a term to the next.
const ROW_A = select(K, 1, TRANSPOSE_A);
const TERM_A = select(1, M, TRANSPOSE_A);
const COLUMN_B = select(1, K, TRANSPOSE_B);
const TERM_B = select(N, 1, TRANSPOSE_B);

@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;

fn loadA(i: u32) -> f32 { return a[i]; }
fn loadB(i: u32) -> f32 { return b[i]; }
