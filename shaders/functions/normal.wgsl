// uses: log, random, trig
// A standard normal number from two random words: Box, Muller 1958, z = √(−2 ln u₁) cos 2πu₂.
// src/base/threefry.ts gives the same to within 5e-7.

fn normalFromBits(words: vec2u) -> f32 {
  let u1 = (f32(words.x >> 8u) + 1.0) * 0x1p-24f; // in (0, 1], so that the logarithm is finite
  let quarters = 4.0 * uniformFromBits(words.y); // exact, and so is the reduction to n + r, |r| ≤ ½
  let n = round(quarters);
  let r = (quarters - n) * 1.57079633; // π/2
  let quadrant = u32(n);
  let cosine = select(cosReduced(r), sinReduced(r), (quadrant & 1u) == 1u);
  return sqrt(-2.0 * logf(u1)) * select(cosine, -cosine, ((quadrant + 1u) & 2u) == 2u);
}

// One for the counter (element, call) under the key (seed, draw).
fn randomNormal(seed: u32, draw: u32, element: u32, call: u32) -> f32 {
  return normalFromBits(threefry(vec2u(seed, draw), vec2u(element, call)));
}
