// The updates, which lie in the order of their indices, and the sums of blocks of them: the end of the kernels that add
// them up.

alias Element = f32; // of the updates, or four neighbours

const OUTER: u32 = 1;
const COUNT: u32 = 64; // indices of a list
const INNER: u32 = 1; // elements of updates for each index
const OWN: bool = false; // each of outer and inner has a list of its own
const LENGTH: u32 = 64; // targets
const BLOCK: u32 = 64; // updates of a block
const GRID_X: u32 = 65535; // workgroups along x, WebGPU's limit; further ones lie along y

const BLOCKS = COUNT / BLOCK; // whole ones

@group(0) @binding(0) var<storage, read_write> updates: array<Element>;
@group(0) @binding(1) var<storage, read_write> order: array<u32>;
@group(0) @binding(2) var<storage, read_write> sums: array<Element>;

// Where index j of a list lies.
fn at(outer: u32, j: u32, inner: u32) -> u32 {
  return select(j, (outer * COUNT + j) * INNER + inner, OWN);
}

// The update of index j.
fn update(outer: u32, j: u32, inner: u32) -> Element {
  return updates[(outer * COUNT + order[at(outer, j, inner)]) * INNER + inner];
}
