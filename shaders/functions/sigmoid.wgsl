// uses: exp, log1p
// The logistic function and its relatives, without overflow or cancellation. Worst errors:
// sigmoidf 2.4, softplusf 2.7, logSigmoidf 2.7, siluf 2.1, mishf 3.5 ulps.
// silu and mish of −∞ are NaN, as in PyTorch.

// 1/(1 + e⁻ˣ)
fn sigmoidf(x: f32) -> f32 { return 1.0 / (1.0 + expf(-x)); }

// log(1 + eˣ) = max(x, 0) + log1p(e^−|x|)
fn softplusf(x: f32) -> f32 { return max(x, 0.0) + log1p(expf(-abs(x))); }

// log sigmoid x = −log(1 + e⁻ˣ)
fn logSigmoidf(x: f32) -> f32 { return min(x, 0.0) - log1p(expf(-abs(x))); }

// x sigmoid x
fn siluf(x: f32) -> f32 { return sigmoidTimes(x, x); }

// y sigmoid x, also where e⁻ˣ overflows but the product does not underflow.
fn sigmoidTimes(y: f32, x: f32) -> f32 {
  if (x > -80.0) { return y / (1.0 + expf(-x)); }
  let h = expf(0.5 * x);
  return (y * h) * h;
}

// x tanh(softplus x), where tanh(log(1 + e)) = n/(n + 2) with n = e² + 2e, e = eˣ.
fn mishf(x: f32) -> f32 {
  if (x > 0.0) {
    let r = expf(-x);
    let n = 1.0 + 2.0 * r;
    return x * (n / (n + 2.0 * r * r));
  }
  if (x > -80.0) {
    let e = expf(x);
    let n = e * (e + 2.0);
    return x * n / (n + 2.0);
  }
  let h = expf(0.5 * x);
  return (x * h) * h;
}
