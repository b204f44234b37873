// uses: bits, exp
// sinh x = (t + t/(t + 1))/2 with t = eˣ − 1, and cosh x = (eˣ + e⁻ˣ)/2, of t/4 and eˣ/4: these are
// finite wherever the results are, up to 89.4. Worst errors: sinhf 2.1, coshf 1.6 ulps.

fn sinhf(x: f32) -> f32 {
  let a = abs(x);
  let c = absWithin(x, 89.6);
  let k = expExponent(c);
  let p = expPowerOfTwo(k - 2.0);
  let t = p * expReduced(expRest(c, k)) + (p - 0.25);
  let y = 2.0 * t + t / (2.0 * t + 0.5);
  // Next to 0 x³/6 is below rounding, and a quarter of x may be subnormal.
  return copySign(select(y, a, a < 2e-4), x);
}

fn coshf(x: f32) -> f32 {
  let c = absWithin(x, 89.6);
  let k = expExponent(c);
  let p = expPowerOfTwo(k - 2.0);
  let e = p * expReduced(expRest(c, k)) + p;
  return 2.0 * e + 0.125 / e;
}
