// uses: bits, expm1
// tanh x = t/(t + 2) with t = e²ˣ − 1. Worst error 2.3 ulps. The built-in tanh overflows to NaN on
// some drivers and loses all digits near 0.

fn tanhf(x: f32) -> f32 {
  if (abs(x) > 10.0) { return copySign(1.0, x); } // 1 − tanh 10 < 2⁻²⁷
  let t = expm1(2.0 * abs(x));
  return copySign(t / (t + 2.0), x);
}
