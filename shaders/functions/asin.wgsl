// uses: bits
// asin x by a polynomial up to ½, and asin x = π/2 − 2 asin √((1 − x)/2) above.
// Worst errors: asinf 2.4, acosf 1.3 ulps; NaN beyond ±1.

const ASIN_HALF_PI: f32 = 1.57079633;

fn asinf(x: f32) -> f32 {
  let v = asinNear(x);
  let y = select(v, ASIN_HALF_PI - 2.0 * v, abs(x) > 0.5);
  return copySign(select(y, nan(), abs(x) > 1.0), x);
}

fn acosf(x: f32) -> f32 {
  let v = asinNear(x);
  let far = select(2.0 * v, 2.0 * (ASIN_HALF_PI - v), x < 0.0);
  let y = select(ASIN_HALF_PI - copySign(v, x), far, abs(x) > 0.5);
  return select(y, nan(), abs(x) > 1.0);
}

// asin |x| up to ½, and asin √((1 − |x|)/2) above.
fn asinNear(x: f32) -> f32 {
  let a = abs(x);
  return asinReduced(select(a, sqrt(0.5 * (1.0 - a)), a > 0.5));
}

// For |x| ≤ ½: x + x³P(x²), minimax polynomial P, relative error 2⁻³⁰.
fn asinReduced(x: f32) -> f32 {
  let z = x * x;
  let p = 0.1666666 + z * (0.0750051 + z * (0.044515718
    + z * (0.031818695 + z * (0.01439477 + z * 0.03758106))));
  return x + x * z * p;
}
