// uses: bits, exp, expm1
// sinh x = (t + t/(t + 1))/2 with t = eˣ − 1, and cosh x = (eˣ + e⁻ˣ)/2.
// Worst errors: sinhf 2.1, coshf 1.6 ulps.

fn sinhf(x: f32) -> f32 {
  let a = abs(x);
  if (a > 88.0) { return copySign(sinhLarge(a), x); }
  let t = expm1(a);
  return copySign(0.5 * (t + t / (t + 1.0)), x);
}

fn coshf(x: f32) -> f32 {
  let a = abs(x);
  if (a > 88.0) { return sinhLarge(a); }
  let e = expf(a);
  return 0.5 * e + 0.5 / e;
}

// eˣ/2 = (e^(x/2)/2) e^(x/2), finite up to 89.4.
fn sinhLarge(x: f32) -> f32 {
  let e = expf(0.5 * x);
  return (0.5 * e) * e;
}
