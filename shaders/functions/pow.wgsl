// uses: bits, exp, log, numbers
// xʸ = 2^(y log₂ x), with the special values of IEEE 754: 1ʸ = x⁰ = 1 even for NaN, a negative x
// only with an integer y. Relative error below (2 + |y|) 2⁻²⁴, however large |y log₂ x| is, since
// the exponent of x is multiplied by y exactly; 2.5 ulps for |y| ≤ 4.

fn powf(x: f32, y: f32) -> f32 {
  let one = (y == 0.0) | (x == 1.0);
  let magnitude = select(powPositive(abs(x), y), 1.0, one | (x == -1.0));
  let whole = floor(y) == y;
  // From 2²⁴ on every number is even.
  let odd = whole & (abs(y) < 16777216.0) & (floor(0.5 * y) != 0.5 * y);
  let bits = bitcast<u32>(x); // comparisons may flush a subnormal x
  let power = select(magnitude, -magnitude, odd & (bits >= 0x80000000u));
  let undefined = isNan(x) | isNan(y) | ((bits > 0x80000000u) & !isInf(x) & !whole);
  return select(power, nan(), undefined & !one);
}

// xʸ for 0 ≤ x ≠ 1.
fn powPositive(x: f32, y: f32) -> f32 {
  let v = logSplit(x);
  let yHigh = highBits(y);
  let whole = v.x * yHigh; // exact: 8 by 12 bits
  let part = v.x * (y - yHigh) + y * (logReduced(v.y) * EXP_LOG2_E);
  let k = floor(within(whole + part, -151.0, 129.0) + 0.5);
  // Far from 0 where k is a bound, and then of no account.
  let rest = clamp((whole - k) + part, -1.0, 1.0);
  let power = expScale(expReduced(rest * 0.69314718), k); // ln 2
  let atEnd = (bitcast<u32>(x) == 0u) | isInf(x) | isInf(y);
  return select(power, select(0.0, inf(), (x > 1.0) == (y > 0.0)), atEnd);
}
