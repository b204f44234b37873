// uses: bits, exp
// swishf(y, x) = y sigmoid x for any y, as in x sigmoid(βx), whose x may be large where βx is not. Worst error 2.1 ulps.

// y/(1 + E) with E = e⁻ˣ, also where E overflows but the result does not underflow:
// as y/(s + s E) · s, where s is a power of two and 1 unless E would overflow.
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
