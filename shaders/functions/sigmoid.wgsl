// uses: exp, log
// The logistic function and its relatives, without overflow or cancellation. Worst errors:
// sigmoidf 2.4, softplusf 1.7, logSigmoidf 1.7 ulps.

// 1/(1 + e⁻ˣ) = eˣ/(1 + eˣ), the latter for x < 0
fn sigmoidf(x: f32) -> f32 {
  let v = expNegative(-abs(x));
  return select(1.0, v, x < 0.0) / (1.0 + v);
}

// log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)
fn softplusf(x: f32) -> f32 { return max(x, 0.0) + logOnePlus(expNegative(-abs(x))); }

// log sigmoid x = −log(1 + e⁻ˣ)
fn logSigmoidf(x: f32) -> f32 { return min(x, 0.0) - logOnePlus(expNegative(-abs(x))); }

// log(1 + v) for 0 ≤ v ≤ 1, where 1 + v is 1 + f or, from √2 on, 2(1 + f).
fn logOnePlus(v: f32) -> f32 {
  let large = v > 0.41421356;
  return logSum(select(0.0, 1.0, large), select(v, 0.5 * v - 0.5, large));
}
