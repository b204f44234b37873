// uses: bits, numbers
// atan x by a polynomial up to tan π/8, and by atan x = π/4 + atan((x − 1)/(x + 1)) and
// atan x = π/2 − atan(1/x) above. Worst errors: atanf 2.6, atan2f 3 ulps,
// 3.5 where quotients are off by as much as WGSL lets them be.

fn atanf(x: f32) -> f32 {
  let a = abs(x);
  return copySign(atanRatio(select(a, 1.0 / a, a > 1.0), a > 1.0), x);
}

// The angle of the point (x, y) in (−π, π], with the IEEE 754 values at ±0 and ±∞.
fn atan2f(y: f32, x: f32) -> f32 {
  let a = abs(y);
  let b = abs(x);
  let n = min(a, b);
  let d = max(a, b);
  // 0/0 counts as 0, ∞/∞ as 1.
  let q = select(select(quotient(n, d), 0.0, d == 0.0), 1.0, isInf(n));
  let angle = atanRatio(q, a > b);
  let turned = select(angle, 3.14159265 - angle, bitcast<u32>(x) >= 0x80000000u);
  return select(copySign(turned, y), nan(), isNan(x) | isNan(y));
}

// atan q for 0 ≤ q ≤ 1, or π/2 less that.
fn atanRatio(q: f32, complement: bool) -> f32 {
  let large = q > 0.41421356; // tan π/8
  let y = atanReduced(select(q, (q - 1.0) / (q + 1.0), large));
  let angle = select(y, 0.78539816 + y, large); // π/4
  return select(angle, 1.57079633 - angle, complement);
}

// For |x| ≤ tan π/8: x + x³P(x²), minimax polynomial P, relative error 2⁻²⁸.
fn atanReduced(x: f32) -> f32 {
  let z = x * x;
  let p = -0.33333316 + z * (0.19998461 + z * (-0.1424331 + z * (0.105920784 + z * -0.0607361)));
  return x + x * z * p;
}
