// uses: erf, exp, numbers, swish
// GELU, x Φ(x), and its approximation by tanh: Hendrycks & Gimpel, arXiv:1606.08415.
// Worst errors: geluf 6 ulps, geluTanhf 4·2⁻²⁴ (|y| + |x y′|). Both are NaN at −∞, as in PyTorch.

fn geluf(x: f32) -> f32 {
  // For |x| < 1.1 Φ(x) = ½ + xP(x²), minimax polynomial P, error 2⁻²⁷ Φ(−|x|).
  let z = x * x;
  let p = 0.39894228 + z * (-0.0664906 + z * (9.974817e-3 + z * (-1.1905506e-3
    + z * (1.1948494e-4 + z * (-1.1858e-5 + z * 1.1588392e-6)))));
  let near = x * (0.5 + x * p);
  // Beyond, Φ(−a) = exp(−a²/2) erfcx(a/√2)/2 with a = |x| and a² = h² + (a − h)(a + h), h² exact;
  // 2²⁴ times that, so that it does not underflow before the result does.
  let a = select(abs(x), 14.5, abs(x) > 14.5); // whose exponential is 0
  let h = highBits(a);
  let q = 0.5 * erfcScaled(a * 0.70710678);
  let tail = expNegativeLarge(-0.5 * h * h) * (q * expReduced(0.5 * (h - a) * (h + a)) + q);
  let far = (x * 0x1p-24f) * select(0x1p24f - tail, tail, x < 0.0);
  return select(far, near, abs(x) < 1.1);
}

// x (1 + tanh z)/2 = x sigmoid(2z), z = √(2/π) (x + 0.044715 x³)
fn geluTanhf(x: f32) -> f32 {
  return sigmoidTimes(x, 1.59576912 * (x + 0.044715 * x * x * x)); // 2 √(2/π)
}
