// uses: bits, exp, log
// Exponential and logarithm to base 2, exact for integers and powers of two. Worst errors: exp2f 1, log2f 1.7 ulps.

fn exp2f(x: f32) -> f32 {
  let c = within(x, -151.0, 129.0);
  let k = floor(c + 0.5);
  return expScale(expReduced((c - k) * 0.69314718), k); // ln 2
}

fn log2f(x: f32) -> f32 {
  let v = logSplit(x);
  return logOr(x, v.x + logReduced(v.y) * 1.44269504); // 1/ln 2
}
