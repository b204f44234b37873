// uses: bits, exp
// eˣ − 1 = 2ᵏ (eʳ − 1) + (2ᵏ − 1) with the reduction of expf. Worst error 1.4 ulps.

fn expm1(x: f32) -> f32 {
  let c = within(x, -18.0, 89.0); // e⁻¹⁸ < 2⁻²⁵
  let k = expExponent(c);
  let y = expReduced(expRest(c, k));
  let half = expPowerOfTwo(k - 1.0); // 2ᵏ may overflow where the result does not
  // Half of a tiny y would be subnormal.
  return select(2.0 * (half * y + (half - 0.5)), y, k == 0.0);
}
