// uses: random
// Random permutations, evaluated at single places; src/base/threefry.ts gives the same.

// The image of i under a random bijection of [0, n) chosen by the key; the identity outside [0, n).
// A Feistel network permutes the next power of four; walking its cycle until the value falls below
// n leaves a bijection of [0, n). Black, Rogaway: "Ciphers with arbitrary finite domains", 2002.
fn permute(i: u32, n: u32, key: vec2u) -> u32 {
  if (i >= n) { return i; }
  var half = 1u; // bits in each half of the network's word
  while (half < 16u && ((n - 1u) >> (2u * half)) > 0u) { half++; }
  var x = feistel(i, half, key);
  while (x >= n) { x = feistel(x, half, key); }
  return x;
}

// The image of an element, whose key is drawn with a counter that no element has.
fn randomPlace(seed: u32, draw: u32, element: u32, call: u32, n: u32) -> i32 {
  return i32(permute(element, n, threefry(vec2u(seed, draw), vec2u(0xffffffffu, call))));
}

// Ten make all permutations of 4 to 7 elements equally likely, as far as 100,000 keys can show.
const FEISTEL_ROUNDS: u32 = 10;

fn feistel(x: u32, half: u32, key: vec2u) -> u32 {
  let mask = (1u << half) - 1u;
  var left = x >> half;
  var right = x & mask;
  for (var round = 0u; round < FEISTEL_ROUNDS; round++) {
    let next = left ^ (threefry(key, vec2u(right, round)).x & mask);
    left = right;
    right = next;
  }
  let y = (left << half) | right;
  // Each round is an even permutation (of 16 or more elements); swapping 0 and 1 on the toss of a
  // coin gives the odd ones too.
  if (y < 2u) { return y ^ (threefry(key, vec2u(0, FEISTEL_ROUNDS)).x & 1u); }
  return y;
}
