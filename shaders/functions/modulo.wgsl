// x mod n for words, where ⌊x / n⌋ is x · factor / 2^shift: drivers without a division of vectors, those of CPUs, take
// as long for one as for dozens of products.
fn modulo(x: u32, n: u32, factor: u32, shift: u32) -> u32 { return x - ((x * factor) >> shift) * n; }
