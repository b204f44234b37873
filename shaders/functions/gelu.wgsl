// uses: bits, erf, exp, sigmoid
// GELU, x Φ(x), and its approximation by tanh: Hendrycks & Gimpel, arXiv:1606.08415.
// Worst errors: geluf 6 ulps, geluTanhf 4·2⁻²⁴ (|y| + |x y′|). Both are NaN at −∞, as in PyTorch.

fn geluf(x: f32) -> f32 {
  if (abs(x) < 1.1) {
    // Φ(x) = ½ + xP(x²), minimax polynomial P, error 2⁻²⁷ Φ(−|x|).
    let z = x * x;
    let p = 0.39894228 + z * (-0.0664906 + z * (9.974817e-3 + z * (-1.1905506e-3
      + z * (1.1948494e-4 + z * (-1.1858e-5 + z * 1.1588392e-6)))));
    return x * (0.5 + x * p);
  }
  let u = abs(x) * 0.70710678; // |x|/√2
  if (x > 0.0) { return x * (1.0 - 0.5 * erfcTail(u)); }
  if (x < -14.0) { return select(0.0, nan(), isInf(x)); } // below the smallest normal number
  // x exp(−x²/2) erfcx(u)/2 with x² = h² + (x − h)(x + h), h² exact, and half of exp(−h²/2) in each
  // factor, so that none underflows before the result.
  let h = highBits(x);
  let e = expf(-0.25 * h * h);
  return (0.5 * x * e) * (e * expf(0.5 * (h - x) * (h + x)) * erfcScaled(u));
}

// x (1 + tanh z)/2 = x sigmoid(2z), z = √(2/π) (x + 0.044715 x³)
fn geluTanhf(x: f32) -> f32 {
  return sigmoidTimes(x, 1.59576912 * (x + 0.044715 * x * x * x)); // 2 √(2/π)
}
