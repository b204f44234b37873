// uses: log
// log(1 + x), −∞ at −1 and NaN below. Worst error 2.5 ulps.

fn log1p(x: f32) -> f32 {
  let u = 1.0 + x;
  let v = logSplit(u);
  // Where 1 + x is not taken apart, x itself has all of its digits.
  return logOr(u, select(logSum(v.x, v.y), logReduced(x), v.x == 0.0));
}
