// uses: bits, exp, log
// The logistic function and its relatives, without overflow or cancellation. Worst errors:
// sigmoidf 2.4, softplusf 1.7, logSigmoidf 1.7, sigmoidTimes(x, x) 2.1, mishf 3.5 ulps.
// silu and mish of −∞ are NaN, as in PyTorch.

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

// y sigmoid x = y/(1 + e⁻ˣ), and y eˣ/(1 + eˣ) for x < −8, where |y| ≤ 1000 |x|: beyond −115 that is less than any
// number. m is 2⁴⁰ times the exponential, since that may be subnormal where the result is not.
fn sigmoidTimes(y: f32, x: f32) -> f32 {
  let far = x < -8.0;
  let c = notBelow(select(-x, x, far), -115.5);
  let k = expExponent(c);
  let e = expReduced(expRest(c, k));
  let p = expPowerOfTwo(k + 40.0); // 0 from −115.4 on
  let m = p * e + p;
  let n = y * p; // exact, so that y m is rounded once
  return select(y, n * e + n, far) / select(1.0 + m * 0x1p-40f, 0x1p40f + m, far);
}

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
