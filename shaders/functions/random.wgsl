// Counter-based random numbers; src/base/random.ts gives the same bits.
// All arithmetic is on integers, so the bits do not depend on the device.

// Threefry-2x32 with 20 rounds: 64 random bits for a counter under a key.
// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
fn threefry(key: vec2u, counter: vec2u) -> vec2u {
  // 0x1bd11bda: parity constant of the key schedule of Threefish, cut to 32 bits.
  let parity = key.x ^ key.y ^ 0x1bd11bdau;
  var x = counter + key;
  x = threefryRounds(x, vec4u(13, 15, 26, 6)) + vec2u(key.y, parity + 1);
  x = threefryRounds(x, vec4u(17, 29, 16, 24)) + vec2u(parity, key.x + 2);
  x = threefryRounds(x, vec4u(13, 15, 26, 6)) + vec2u(key.x, key.y + 3);
  x = threefryRounds(x, vec4u(17, 29, 16, 24)) + vec2u(key.y, parity + 4);
  return threefryRounds(x, vec4u(13, 15, 26, 6)) + vec2u(parity, key.x + 5);
}

// The first word for the counter (element, call) under the key (seed, draw).
fn randomBits(seed: u32, draw: u32, element: u32, call: u32) -> u32 {
  return threefry(vec2u(seed, draw), vec2u(element, call)).x;
}

// Four rounds with rotations from table 2 of the paper.
fn threefryRounds(x: vec2u, rotations: vec4u) -> vec2u {
  return threefryRound(
    threefryRound(threefryRound(threefryRound(x, rotations.x), rotations.y), rotations.z),
    rotations.w,
  );
}

fn threefryRound(x: vec2u, rotation: u32) -> vec2u {
  let sum = x.x + x.y;
  return vec2u(sum, ((x.y << rotation) | (x.y >> (32u - rotation))) ^ sum);
}

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

// min + u (max − min) for u from [0, 1), but never max, unless it is min: what rounds to it is the one
// before.
fn uniformBetween(u: f32, low: f32, high: f32) -> f32 {
  let y = low + u * (high - low);
  let pattern = bitcast<u32>(high);
  let before = bitcast<f32>(select(pattern + 1u, pattern - 1u, high > 0.0));
  // Below 0 the first number that is not taken for 0.
  let last = select(before, -0x1p-126f, high == 0.0);
  return select(select(last, low, low > last), y, y < high);
}

// A multiple of 2⁻²⁴ in [0, 1), from the high 24 bits; exact.
fn uniformFromBits(bits: u32) -> f32 {
  return f32(bits >> 8u) * 0x1p-24f;
}
