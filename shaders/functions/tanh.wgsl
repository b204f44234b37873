// uses: bits, exp
// tanh x = t/(t + 2) with t = e²ˣ − 1, and sech x = 1/cosh x = 2v/(1 + v²) with v = e^−|x|. Worst
// errors: tanhf 2.3, sechf 2.1 ulps. The built-in tanh overflows to NaN on some drivers and loses all
// digits near 0.

fn tanhf(x: f32) -> f32 {
  let a = abs(x);
  let c = select(2.0 * a, 20.0, a > 10.0); // 1 − tanh 10 < 2⁻²⁷
  let k = expExponent(c);
  let p = expPowerOfTwo(k);
  let t = p * expReduced(expRest(c, k)) + (p - 1.0);
  return copySign(t / (t + 2.0), x);
}

fn sechf(x: f32) -> f32 {
  let v = expNegative(-abs(x));
  return 2.0 * v / (1.0 + v * v);
}
