// uses: bits
// eˣ = 2ᵏ (1 + expReduced(r)) with x = k ln 2 + r, |r| ≤ ln(2)/2. Worst error 1 ulp.
// The built-in exp is off by up to 3 ulps near 0 and by 56 near −71, and may turn NaN into ∞.

// ln 2 as 355/512, nine bits whose product with |k| ≤ 253 is exact, and the rest (Cody & Waite).
const EXP_LN2_HIGH: f32 = 0.693359375;
const EXP_LN2_LOW: f32 = -2.1219444e-4;
const EXP_LOG2_E: f32 = 1.44269504;

fn expf(x: f32) -> f32 {
  // ln of the largest number is 88.72, of half the smallest subnormal −103.97.
  let c = within(x, -105.0, 89.0);
  let k = expExponent(c);
  return expScale(expReduced(expRest(c, k)), k);
}

// eˣ for x ≤ 0; 0 from −104.4 on.
fn expNegative(x: f32) -> f32 { return expNegativeLarge(x) * 0x1p-24f; }

// 2²⁴ eˣ for x ≤ 0: nothing on the way is subnormal, which SwiftShader would make 0 of.
fn expNegativeLarge(x: f32) -> f32 {
  let c = -absWithin(x, 104.6);
  let k = expExponent(c);
  let e = expReduced(expRest(c, k));
  let p = expPowerOfTwo(k + 24.0);
  return p * e + p;
}

// k and r. Between two integers either will do, and floor takes drivers less than round.
fn expExponent(x: f32) -> f32 { return floor(x * EXP_LOG2_E + 0.5); }
fn expRest(x: f32, k: f32) -> f32 { return (x - k * EXP_LN2_HIGH) - k * EXP_LN2_LOW; }

// eʳ − 1 for |r| ≤ 0.35: minimax polynomial for (eʳ − 1 − r)/r², relative error 2⁻²⁸.
fn expReduced(r: f32) -> f32 {
  let p = 0.5 + r * (0.16666666 + r * (0.041666348
    + r * (8.3333915e-3 + r * (1.3941652e-3 + r * 1.9845959e-4))));
  return r + r * r * p;
}

// 2ᵏ(1 + e) for an integer |k| ≤ 250, in two steps: 2ᵏ may overflow where the product does not.
// Written p e + p, since optimisers reassociate 1 + e with the last sum in e.
fn expScale(e: f32, k: f32) -> f32 {
  let half = floor(0.5 * k);
  let p = expPowerOfTwo(half);
  return (p * e + p) * expPowerOfTwo(k - half);
}

// 2ᵏ for integers −126 ≤ k ≤ 127; 0 for −127 and ∞ for 128. The last bits of k + 127 + 1.5·2²³ are
// k + 127.
fn expPowerOfTwo(k: f32) -> f32 { return bitcast<f32>(bitcast<u32>(k + 12583039.0) << 23u); }
