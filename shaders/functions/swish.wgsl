// uses: bits, exp
// y sigmoid x. Worst errors 2.1 ulps. silu of −∞ is NaN, as in PyTorch.

// As y/(1 + e⁻ˣ), and y eˣ/(1 + eˣ) for x < −8, where |y| ≤ 1000 |x|: beyond −115 that is less than any
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

// The same for any y, as in x sigmoid(βx), whose x may be large where βx is not: y/(1 + E) with E = e⁻ˣ, also where E
// overflows but the result does not underflow, as y/(s + s E) · s, where s is a power of two and 1 unless E would overflow.
fn swishf(y: f32, x: f32) -> f32 {
  let c = within(-x, -87.0, 174.9);
  let k = expExponent(c);
  let e = expReduced(expRest(c, k));
  // The divisor stays below 2¹²⁶. At most 127, whose s is 0: so y = −3·10³⁸ comes to nothing too.
  let h = select(0.0, k - 125.0, k > 125.0);
  let p = expPowerOfTwo(k - h);
  let s = expPowerOfTwo(-h);
  return y / (s + (p * e + p)) * s;
}
