// uses: log
// log(1 + x), −∞ at −1 and NaN below. Worst error 2.5 ulps.

fn log1p(x: f32) -> f32 {
  if (x > -0.29 && x < 0.41) { return logReduced(x); }
  return logf(1.0 + x);
}
