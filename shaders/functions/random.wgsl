// uses: bits
// Counter-based random numbers; src/base/threefry.ts gives the same bits.
// All arithmetic is on integers, so the bits do not depend on the device.

// Threefry-2x32 with 20 rounds: 64 random bits for a counter under a key.
// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
fn threefry(key: vec2u, counter: vec2u) -> vec2u {
  // 0x1bd11bda: parity constant of the key schedule of Threefish, cut to 32 bits.
  var keys = vec3u(key, key.x ^ key.y ^ 0x1bd11bdau);
  var x = counter + key;
  // In a loop, since some drivers take long to compile 20 copies of a round.
  for (var i = 1u; i <= 5; i++) {
    x = threefryRounds(x, select(vec4u(17, 29, 16, 24), vec4u(13, 15, 26, 6), i % 2 == 1));
    keys = keys.yzx;
    x += vec2u(keys.x, keys.y + i);
  }
  return x;
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

// min + u (max − min) for u from [0, 1), but never max, unless it is min: what rounds to it is the one
// before.
fn uniformBetween(u: f32, low: f32, high: f32) -> f32 {
  // Rounded twice everywhere, for the same numbers on all devices.
  let y = low + opaque(u * (high - low));
  let pattern = bitcast<u32>(high);
  let before = bitcast<f32>(select(pattern + 1u, pattern - 1u, high > 0.0));
  // Below 0 the first number that is not taken for 0.
  let last = select(before, -0x1p-126f, high == 0.0);
  // There is none below −∞ or NaN; comparisons alone would be max to some drivers, which drops that.
  let greatest = select(select(last, low, low > last), last, isNan(last));
  return select(greatest, y, y < high);
}

// A multiple of 2⁻²⁴ in [0, 1), from the high 24 bits; exact.
fn uniformFromBits(bits: u32) -> f32 {
  return f32(bits >> 8u) * 0x1p-24f;
}
