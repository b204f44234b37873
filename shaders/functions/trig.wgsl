// uses: bits
// sin, cos and tan with a range reduction of their own: WGSL bounds the error of the built-in ones
// only within ±π, and some drivers are off by 2e-4 there. Worst errors: sinf 1.5, cosf 1.5, tanf 3.3
// ulps for |x| ≤ 100; 3, 3 and 5 ulps for numbers of any size.

fn sinf(x: f32) -> f32 { return trigSine(trigReduce(x), 0); }

fn cosf(x: f32) -> f32 { return trigSine(trigReduce(x), 1); }

fn tanf(x: f32) -> f32 {
  let v = trigReduce(x);
  let s = sinReduced(v.x);
  let c = cosReduced(v.x);
  return select(s / c, -c / s, (i32(v.y) & 1) == 1);
}

// sin(x + kπ/2), given (r, n) of x.
fn trigSine(v: vec2f, k: i32) -> f32 {
  let quadrant = i32(v.y) + k;
  let y = select(sinReduced(v.x), cosReduced(v.x), (quadrant & 1) == 1);
  return select(y, -y, (quadrant & 2) == 2);
}

// Minimax polynomials for |r| ≤ π/4: r + r³S(r²) and 1 − r²/2 + r⁴C(r²), to 2⁻²⁸ and 2⁻³⁰.
fn sinReduced(r: f32) -> f32 {
  let z = r * r;
  return r + r * z * (-0.16666667 + z * (8.333329e-3 + z * (-1.9839233e-4 + z * 2.7173667e-6)));
}

fn cosReduced(r: f32) -> f32 {
  let z = r * r;
  return 1.0 - (0.5 * z - z * z * (0.041666646 + z * (-1.3887251e-3 + z * 2.442568e-5)));
}

// (r, n) with x = nπ/2 + r, |r| ≤ π/4, and n right modulo 4.
fn trigReduce(x: f32) -> vec2f {
  // π/2 in four parts; products of |n| < 2¹³ with the first three, of 11 bits, are exact (Cody and
  // Waite 1980).
  let n = floor(x * 0.63661977 + 0.5); // 2/π
  let r = ((x - n * 1.5703125) - n * 4.837512969970703e-4) - n * 7.549533620476723e-8;
  var v = vec2f(r - n * 2.5633442e-12, n);
  // A loop that runs once or not at all: compilers jump over it where no number is large, but some
  // of them compute both sides of every if.
  for (var far = !(abs(x) < 12000.0); far; far = false) { v = trigReduceFar(x); }
  return v;
}

// Reduces |x| = m 2ᵉ, m < 2²⁴, by 1/2π in fixed point (Payne & Hanek 1983). Of m · 2ᵉ/2π only the
// fraction counts, so 96 bits of 1/2π from the 2ᵉ-th on will do; it comes to 64 bits, at least 30
// of which remain where x is next to a multiple of π/2.
fn trigReduceFar(x: f32) -> vec2f {
  let bits = bitcast<u32>(x);
  let m = (bits & 0x007fffffu) | 0x00800000u;
  let shift = ((bits >> 23u) & 0xffu) - 140u; // e + 10, from 0 on
  // 2⁻¹⁰/2π in words, from number shift/32 on: four of seven.
  let first = vec4u(0x000a2f98u, 0x36e4e441u, 0x529fc275u, 0x7d1f534du);
  let third = vec4u(0x529fc275u, 0x7d1f534du, 0xdc0db629u, 0x5993c439u);
  let later = shift >= 64u;
  let even = select(first, third, later);
  let next = vec4u(even.yzw, select(0xdc0db629u, 0x041fe516u, later));
  let w = select(even, next, (shift & 32u) != 0u);
  // x << s | y >> (32 − s), where s may be 0
  let s = shift & 31u;
  let window = (w.xyz << vec3u(s)) | ((w.yzw >> vec3u(1u)) >> vec3u(31u - s));
  let middle = m * window.y;
  let low = middle + trigMulHigh(m, window.z);
  let turns = m * window.x + trigMulHigh(m, window.y) + select(0u, 1u, low < middle);
  let n = (turns + 0x20000000u) >> 30u;
  // In units of 2π/2³² and 2π/2⁶⁴.
  let r = f32(bitcast<i32>(turns - (n << 30u))) * 1.46291808e-9 + f32(low) * 3.4061216e-19;
  let v = select(vec2f(r, f32(n)), vec2f(-r, -f32(n)), bits >= 0x80000000u);
  return select(v, vec2f(nan(), 0.0), isNan(x) || isInf(x));
}

// The high word of a 32 by 32 bit product.
fn trigMulHigh(a: u32, b: u32) -> u32 {
  let a0 = a & 0xffffu;
  let a1 = a >> 16u;
  let b0 = b & 0xffffu;
  let b1 = b >> 16u;
  let middle = a1 * b0 + ((a0 * b0) >> 16u); // below 2³²
  let other = a0 * b1 + (middle & 0xffffu);
  return a1 * b1 + (middle >> 16u) + (other >> 16u);
}
