// uses: exp
// eˣ − 1 = 2ᵏ (eʳ − 1) + (2ᵏ − 1) with the reduction of expf. Worst error 1.4 ulps.

fn expm1(x: f32) -> f32 {
  if (x > 88.0) { return expf(x); }
  if (x < -18.0) { return -1.0; } // e⁻¹⁸ < 2⁻²⁵
  let k = round(x * EXP_LOG2_E);
  let r = (x - k * EXP_LN2_HIGH) - k * EXP_LN2_LOW;
  let y = expReduced(r);
  if (k == 0.0) { return y; }
  let scale = expPowerOfTwo(k);
  return scale * y + (scale - 1.0);
}
