// uses: bits
// asin x by a polynomial up to ½, and asin x = π/2 − 2 asin √((1 − x)/2) above.
// Worst errors: asinf 2.4, acosf 1.3 ulps; NaN beyond ±1.

const ASIN_HALF_PI: f32 = 1.57079633;

fn asinf(x: f32) -> f32 {
  let a = abs(x);
  if (a > 1.0) { return nan(); }
  if (a <= 0.5) { return asinReduced(x); }
  return copySign(ASIN_HALF_PI - 2.0 * asinReduced(sqrt(0.5 * (1.0 - a))), x);
}

fn acosf(x: f32) -> f32 {
  let a = abs(x);
  if (a > 1.0) { return nan(); }
  if (a <= 0.5) { return ASIN_HALF_PI - asinReduced(x); }
  let y = 2.0 * asinReduced(sqrt(0.5 * (1.0 - a)));
  return select(y, 2.0 * ASIN_HALF_PI - y, x < 0.0);
}

// For |x| ≤ ½: x + x³P(x²), minimax polynomial P, relative error 2⁻³⁰.
fn asinReduced(x: f32) -> f32 {
  let z = x * x;
  let p = 0.1666666 + z * (0.0750051 + z * (0.044515718
    + z * (0.031818695 + z * (0.01439477 + z * 0.03758106))));
  return x + x * z * p;
}
