// uses: bits, exp, log
// xʸ = 2^(y log₂ x), with the special values of IEEE 754: 1ʸ = x⁰ = 1 even for NaN, a negative x
// only with an integer y. Relative error below (2 + |y|) 2⁻²⁴, however large |y log₂ x| is, since the
// exponent of x is multiplied by y exactly; 2.5 ulps for |y| ≤ 4.

fn powf(x: f32, y: f32) -> f32 {
  if (x == 1.0 || y == 0.0) { return 1.0; }
  if (isNan(x) || isNan(y)) { return nan(); }
  let magnitude = powPositive(abs(x), y);
  if (bitcast<u32>(x) < 0x80000000u) { return magnitude; }
  if (floor(y) != y && x < 0.0 && !isInf(x)) { return nan(); }
  // From 2²⁴ on every number is even.
  let odd = floor(y) == y && abs(y) < 16777216.0 && floor(0.5 * y) != 0.5 * y;
  return select(magnitude, -magnitude, odd);
}

fn powPositive(x: f32, y: f32) -> f32 {
  if (x == 1.0) { return 1.0; }
  if (bitcast<u32>(x) == 0u || isInf(x) || isInf(y)) {
    return select(0.0, inf(), (x > 1.0) == (y > 0.0));
  }
  let v = logSplit(x);
  let yHigh = highBits(y);
  let whole = v.x * yHigh; // exact: 8 by 12 bits
  let part = v.x * (y - yHigh) + y * (logReduced(v.y) * EXP_LOG2_E);
  let exponent = whole + part;
  if (exponent > 128.5) { return inf(); }
  if (exponent < -150.5) { return 0.0; }
  let k = round(exponent);
  return expScale(expReduced(((whole - k) + part) * 0.69314718), k); // ln 2
}
