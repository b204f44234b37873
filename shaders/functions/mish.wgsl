// uses: exp
// Worst error 3.5 ulps. mish of −∞ is NaN, as in PyTorch.

// x tanh(softplus x). tanh(log(1 + eˣ)) = (e² + 2e)/(e² + 2e + 2) with e = eˣ, whose numerator and
// denominator are divided by e² where x > 0: w = e^min(x, 0) and v = e^−max(x, 0) serve both sides.
fn mishf(x: f32) -> f32 {
  let negative = x < 0.0;
  let large = expNegativeLarge(-abs(x));
  let e = large * 0x1p-24f;
  let w = select(1.0, e, negative);
  let v = select(e, 1.0, negative);
  let n = w + 2.0 * v;
  let y = x * (n / (w * n + 2.0 * v * v));
  // y w, by 2²⁴ w, since w may be subnormal; two selects, or optimisers put the factors together.
  return y * select(1.0, large, negative) * select(1.0, 0x1p-24f, negative);
}
