// uses: bits, log1p
// Inverse hyperbolic functions by log1p. Worst errors: asinhf 2.7, acoshf 2.8, atanhf 3.3 ulps.

// asinh x = log(x + √(x² + 1)) = log1p(x + x²/(1 + √(x² + 1))) for x ≥ 0, and odd.
fn asinhf(x: f32) -> f32 {
  let a = abs(x);
  let square = a * a;
  return copySign(asinhLog(a, a + square / (1.0 + sqrt(square + 1.0))), x);
}

// acosh x = log(x + √(x² − 1)) = log1p(t + √(t² + 2t)) with t = x − 1; NaN below 1.
fn acoshf(x: f32) -> f32 {
  let t = x - 1.0;
  return select(asinhLog(x, t + sqrt(t * (t + 2.0))), nan(), x < 1.0);
}

// log1p(t), or beyond 2³⁰, where t may overflow and the rest is below rounding, log 2x.
fn asinhLog(x: f32, t: f32) -> f32 {
  let far = x > 0x1p30f;
  return log1p(select(t, x, far)) + select(0.0, 0.69314718, far);
}

// atanh x = ½ log((1 + x)/(1 − x)) = ½ log1p(2x/(1 − x)) for x ≥ 0, and odd; NaN beyond ±1.
fn atanhf(x: f32) -> f32 {
  let a = abs(x);
  let y = select(0.5 * log1p(2.0 * a / (1.0 - a)), inf(), a == 1.0);
  return copySign(select(y, nan(), a > 1.0), x);
}
