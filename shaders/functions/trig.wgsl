// uses: bits
// sin, cos and tan with a range reduction of their own: WGSL bounds the error of the built-in ones
// only within ±π, and some drivers are off by 2e-4 there. Worst errors for |x| ≤ 100: sinf 1.5,
// cosf 1.5, tanf 3.3 ulps; up to 2³² sinf and cosf are right to 3·2⁻²⁴.

fn sinf(x: f32) -> f32 {
  let v = trigReduce(x);
  let quadrant = i32(v.y);
  let y = select(sinReduced(v.x), cosReduced(v.x), (quadrant & 1) == 1);
  return select(y, -y, (quadrant & 2) == 2);
}

fn cosf(x: f32) -> f32 {
  let v = trigReduce(x);
  let quadrant = i32(v.y);
  let y = select(cosReduced(v.x), sinReduced(v.x), (quadrant & 1) == 1);
  return select(y, -y, ((quadrant + 1) & 2) == 2);
}

fn tanf(x: f32) -> f32 {
  let v = trigReduce(x);
  let s = sinReduced(v.x);
  let c = cosReduced(v.x);
  return select(s / c, -c / s, (i32(v.y) & 1) == 1);
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
  if (abs(x) < 12000.0) { // |n| < 2¹³
    // π/2 in three parts; products of n with the first two, of 11 bits, are exact (Cody & Waite).
    let n = round(x * 0.63661977); // 2/π
    return vec2f(((x - n * 1.5703125) - n * 4.837513e-4) - n * 7.54979e-8, n);
  }
  return trigReduceLarge(x);
}

// Reduces the whole and the fractional part of |x| by 1/2π in fixed point: r is right to 2⁻²⁴.
// From 2³² on, where neighbouring numbers are more than 500 apart, x counts as 2³². Without a table
// of the bits of 2/π (Payne & Hanek 1983), since some drivers run both sides of every branch.
fn trigReduceLarge(x: f32) -> vec2f {
  if (isNan(x) || isInf(x)) { return vec2f(nan(), 0.0); }
  let whole = trunc(abs(x));
  let i = u32(whole);
  // Units of 2⁻³² turns, modulo one turn: 1/2π = 0x0.28be60db9391054a, and 2³²/2π.
  let turns = i * 0x28be60dbu + trigMulHigh(i, 0x9391054au) + u32((abs(x) - whole) * 683565276.0);
  let n = (turns + 0x20000000u) >> 30u;
  let r = f32(bitcast<i32>(turns - (n << 30u))) * 1.46291808e-9; // 2π/2³²
  return select(vec2f(r, f32(n)), vec2f(-r, -f32(n)), x < 0.0);
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
