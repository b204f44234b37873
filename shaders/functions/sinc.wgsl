// uses: trig
// sin(x)/x and its derivatives. Worst error of sinc: 2.1 ulps for |x| ≤ 100.

fn sinc(x: f32) -> f32 {
  return select(sinf(x) / x, 1.0, abs(x) < 1e-4); // 1 − x²/6 rounds to 1
}

// The n-th derivative f⁽ⁿ⁾ of sinc, from x f⁽ⁿ⁾(x) + n f⁽ⁿ⁻¹⁾(x) = sin(x + nπ/2).
// Upwards in n the recurrence multiplies errors by n/x, downwards by x/n: so it goes up from f⁽⁰⁾
// for |x| > n, and otherwise down from any value of an f⁽ᵏ⁾ so high that the error dies out.
fn sincDerivative(n: u32, x: f32) -> f32 {
  let v = trigReduce(x);
  let s = trigSine(v, 0);
  let c = trigSine(v, 1);
  if (abs(x) > f32(n) + 1.0) {
    var f = s / x;
    for (var k = 1u; k <= n; k++) { f = (sincShifted(s, c, k) - f32(k) * f) / x; }
    return f;
  }
  var last = n + 1u;
  var error = abs(x) / f32(last);
  while (error > 0x1p-28f) { // below rounding; two more steps, as odd derivatives are O(x) near 0
    last++;
    error *= abs(x) / f32(last);
  }
  var f = 0.0;
  for (var k = last + 2u; k > n; k--) { f = (sincShifted(s, c, k) - x * f) / f32(k); }
  return f;
}

// sin(x + kπ/2), given the sine and cosine of x.
fn sincShifted(s: f32, c: f32, k: u32) -> f32 {
  let y = select(s, c, (k & 1u) == 1u);
  return select(y, -y, (k & 2u) == 2u);
}
