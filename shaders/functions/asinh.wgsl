// uses: bits, log, log1p
// Inverse hyperbolic functions by log1p. Worst errors: asinhf 2.7, acoshf 2.8, atanhf 3.3 ulps.

// asinh x = log(x + √(x² + 1)) = log1p(x + x²/(1 + √(x² + 1))) for x ≥ 0, and odd.
fn asinhf(x: f32) -> f32 {
  let a = abs(x);
  if (a > 4096.0) { return copySign(logf(a) + 0.69314718, x); } // log 2a, to a relative 2⁻²⁹
  let square = a * a;
  return copySign(log1p(a + square / (1.0 + sqrt(square + 1.0))), x);
}

// acosh x = log(x + √(x² − 1)) = log1p(t + √(t² + 2t)) with t = x − 1; NaN below 1.
fn acoshf(x: f32) -> f32 {
  if (x < 1.0) { return nan(); }
  if (x > 4096.0) { return logf(x) + 0.69314718; } // log 2x
  let t = x - 1.0;
  return log1p(t + sqrt(t * (t + 2.0)));
}

// atanh x = ½ log((1 + x)/(1 − x)) = ½ log1p(2x/(1 − x)) for x ≥ 0, and odd; NaN beyond ±1.
fn atanhf(x: f32) -> f32 {
  let a = abs(x);
  if (a == 1.0) { return copySign(inf(), x); }
  if (a > 1.0) { return nan(); }
  return copySign(0.5 * log1p(2.0 * a / (1.0 - a)), x);
}
