// uses: bits
// log x = k ln 2 + log(1 + f) for x = 2ᵏ(1 + f), √½ ≤ 1 + f < √2; −∞ at ±0 and NaN below.
// Worst errors: logf 0.9, log2f 1.7 ulps. The built-in log is off by thousands of ulps near 1.

fn logf(x: f32) -> f32 {
  if (logIsSpecial(x)) { return logSpecial(x); }
  let v = logSplit(x);
  // ln 2 as 355/512, whose product with k is exact, and the rest (Cody, Waite 1980).
  return v.x * 0.693359375 + (logReduced(v.y) + v.x * -2.1219444e-4);
}

// Exact for powers of two.
fn log2f(x: f32) -> f32 {
  if (logIsSpecial(x)) { return logSpecial(x); }
  let v = logSplit(x);
  return v.x + logReduced(v.y) * 1.44269504; // 1/ln 2
}

// log(1 + f) for √½ ≤ 1 + f < √2, by s = f/(2 + f) and log(1 + f) = 2 artanh s = 2s + s³Q(s²):
// minimax polynomial Q, relative error 2⁻³⁰. 2s = f − sf is summed as f − f²/2 + s f²/2, whose
// correction to the exact f is small (the form used in Sun's fdlibm).
fn logReduced(f: f32) -> f32 {
  let s = f / (2.0 + f);
  let z = s * s;
  let q = z * (0.6666678 + z * (0.3997708 + z * 0.29885188));
  let h = 0.5 * f * f;
  return f - (h - s * (h + q));
}

// (k, f) for a finite x > 0, by its bits, so that subnormal numbers are not flushed.
fn logSplit(x: f32) -> vec2f {
  var pattern = bitcast<u32>(x);
  var k = 0;
  if (pattern < 0x00800000u) { // subnormal: an integer times 2⁻¹⁴⁹
    pattern = bitcast<u32>(f32(pattern));
    k = -149;
  }
  let fromRoot = pattern - 0x3f3504f3u; // the pattern of √½: exponents count from there
  k += bitcast<i32>(fromRoot) >> 23u;
  return vec2f(f32(k), bitcast<f32>((fromRoot & 0x007fffffu) + 0x3f3504f3u) - 1.0);
}

// Zero, negative, infinite or NaN.
fn logIsSpecial(x: f32) -> bool { return bitcast<u32>(x) - 1u >= 0x7f7fffffu; }

fn logSpecial(x: f32) -> f32 {
  let pattern = bitcast<u32>(x);
  if ((pattern << 1u) == 0u) { return -inf(); }
  return select(nan(), x, pattern >= 0x7f800000u && pattern < 0x80000000u);
}
