// uses: bits
// log x = k ln 2 + log(1 + f) for x = 2ᵏ(1 + f), √½ ≤ 1 + f < √2; −∞ at ±0 and NaN below.
// Worst error 0.9 ulps. The built-in log is off by thousands of ulps near 1.

fn logf(x: f32) -> f32 {
  let v = logSplit(x);
  return logOr(x, logSum(v.x, v.y));
}

// k ln 2 + log(1 + f), with ln 2 as 355/512, whose product with k is exact, and the rest (Cody,
// Waite 1980).
fn logSum(k: f32, f: f32) -> f32 { return k * 0.693359375 + (logReduced(f) + k * -2.1219444e-4); }

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

// (k, f) for a finite x > 0, by its bits, so that subnormal numbers are not flushed; else any
// finite ones.
fn logSplit(x: f32) -> vec2f {
  let bits = bitcast<u32>(x);
  let small = bits < 0x00800000u; // subnormal: an integer times 2⁻¹⁴⁹
  let pattern = select(bits, bitcast<u32>(f32(bits)), small);
  let fromRoot = pattern - 0x3f3504f3u; // the pattern of √½: exponents count from there
  let k = f32(bitcast<i32>(fromRoot) >> 23u) - select(0.0, 149.0, small);
  return vec2f(k, bitcast<f32>((fromRoot & 0x007fffffu) + 0x3f3504f3u) - 1.0);
}

// y for a finite x > 0, and otherwise the logarithm of x: −∞ of ±0, NaN of less, ∞ of ∞.
fn logOr(x: f32, y: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let rest = select(nan(), x, bits - 0x7f800000u < 0x00800000u);
  let special = select(rest, -inf(), (bits << 1u) == 0u);
  return select(y, special, bits - 1u >= 0x7f7fffffu);
}
