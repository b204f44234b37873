// uses: bits, exp, numbers
// erf x = 2/√π ∫₀ˣ exp(−t²) dt and erfc x = 1 − erf x, the latter with relative accuracy down to
// the smallest numbers. Worst errors: erff 1.2, erfcf 4 ulps.

fn erff(x: f32) -> f32 {
  let a = absWithin(x, 4.0); // 1 − erf 4 < 2⁻²⁵
  let tail = expNegative(-a * a) * erfcScaled(a);
  return copySign(select(1.0 - tail, erfReduced(a), a < 1.0), x);
}

fn erfcf(x: f32) -> f32 {
  let a = abs(x);
  let tail = erfcTail(a);
  return select(select(tail, 2.0 - tail, x < 0.0), 1.0 - erfReduced(x), a < 0.5);
}

// erfc x for x ≥ ½.
fn erfcTail(x: f32) -> f32 {
  let c = absWithin(x, 10.3); // erfc 10.1 is below half the smallest subnormal
  // exp(−x²) with x² = h² + (x − h)(x + h): h² is exact, x² is not (Cody 1969).
  let h = highBits(c);
  let p = erfcScaled(c);
  return expNegative(-h * h) * (p * expReduced((h - c) * (h + c)) + p);
}

// erf x for |x| ≤ 1: x + xP(x²), minimax polynomial P, relative error 2⁻²⁷.
fn erfReduced(x: f32) -> f32 {
  let z = x * x;
  let p = 0.12837917 + z * (-0.37612626 + z * (0.11283584 + z * (-0.026853766
    + z * (5.188232e-3 + z * (-8.0092694e-4 + z * 7.8505385e-5)))));
  return x + x * p;
}

// exp(x²) erfc x for ½ ≤ x ≤ 10.3: P(t)/(1 + 2x) with t = (x − 2)/(x + 2), after Shepherd &
// Laframboise, Math. Comp. 36 (1981) 249; minimax polynomial P, relative error 2⁻²⁷.
fn erfcScaled(x: f32) -> f32 {
  let t = (x - 2.0) / (x + 2.0);
  let p = 1.2769784 + t * (-0.09276381 + t * (-0.16603036 + t * (0.16405053 + t * (-0.05422069
    + t * (-8.023898e-3 + t * (8.727521e-3 + t * (1.2144893e-3 + t * (-1.4696665e-3
    + t * (-3.0953385e-4 + t * 2.1524013e-4)))))))));
  return p / (1.0 + 2.0 * x);
}
