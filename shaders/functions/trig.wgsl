// sin, cos and tan with a range reduction of their own: WGSL bounds the error of the built-in ones
// only within ±π, and some drivers are off by 2e-4 there. Worst errors: sinf 1.5, cosf 1.5,
// tanf 3.3 ulps for |x| ≤ 100, and 2.5, 2.5, 4 ulps for |x| < 12000; beyond, sinf and cosf are
// right to 3·2⁻²⁴.

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

// (r, n) with x = nπ/2 + r, |r| ≤ 0.8, and n right modulo 4.
fn trigReduce(x: f32) -> vec2f {
  // π/2 in four parts; products of |n| < 2¹³ with the first three, of 11 bits, are exact (Cody and
  // Waite 1980).
  let n = floor(x * 0.63661977 + 0.5); // 2/π
  let r = ((x - n * 1.5703125) - n * 4.837512969970703e-4) - n * 7.549533620476723e-8;
  let near = vec2f(r - n * 2.5633442e-12, n);
  // Finite numbers from 12000 on; of ∞ and NaN r is NaN above.
  let isFar = (bitcast<u32>(x) & 0x7fffffffu) - 0x463b8000u < 0x39448000u;
  return select(near, trigReduceFar(bitcast<u32>(x)), isFar);
}

// Reduces |x| = m 2ᵉ, m < 2²⁴, by 1/2π in fixed point (Payne & Hanek 1983): r is right to 3·10⁻⁹.
// Of m · 2ᵉ/2π only the fraction counts, so 64 bits of 1/2π from the e-th on will do. As selects,
// for SwiftShader computes both sides of a branch, and the body of a loop that does not run.
fn trigReduceFar(bits: u32) -> vec2f {
  let shift = ((bits >> 23u) & 0xffu) - 140u; // e + 10, at least 0
  // 2⁻¹⁰/2π in words, from number shift/32 on: three of six.
  let later = shift >= 64u;
  let first = vec3u(0x000a2f98u, 0x36e4e441u, 0x529fc275u);
  let even = select(first, vec3u(0x529fc275u, 0x7d1f534du, 0xdc0db629u), later);
  let next = vec3u(even.yz, select(0x7d1f534du, 0x5993c439u, later));
  let w = select(even, next, (shift & 32u) != 0u);
  // w << s | next word >> (32 − s), where s may be 0
  let s = vec2u(shift & 31u);
  let window = (w.xy << s) | ((w.yz >> vec2u(1u)) >> (31u - s));
  // In units of 2⁻³² turns: m times the first word, modulo one turn, and m times the second one,
  // which is rounded and at most 2²³: as a number with a sign, which the first makes up for.
  let m = (bits & 0x007fffffu) | 0x00800000u;
  let sign = bits & 0x80000000u;
  let whole = m * (window.x + (window.y >> 31u));
  let rest = f32(bitcast<i32>(m)) * f32(bitcast<i32>(window.y)) * 0x1p-32f;
  let turns = select(whole, 0u - whole, sign != 0u);
  let n = (turns + 0x20000000u) >> 30u;
  let r = f32(bitcast<i32>(turns - (n << 30u))) + bitcast<f32>(bitcast<u32>(rest) ^ sign);
  return vec2f(r * 1.46291808e-9, f32(n)); // 2π/2³²
}
