// uses: bits
// eˣ = 2ᵏ (1 + expReduced(r)) with x = k ln 2 + r, |r| ≤ ln(2)/2. Worst error 1 ulp.
// The built-in exp is off by up to 3 ulps near 0 and by 56 near −71, and may turn NaN into ∞.

// ln 2 as 355/512, nine bits whose product with |k| ≤ 150 is exact, and the rest (Cody & Waite).
const EXP_LN2_HIGH: f32 = 0.693359375;
const EXP_LN2_LOW: f32 = -2.1219444e-4;
const EXP_LOG2_E: f32 = 1.44269504;

fn expf(x: f32) -> f32 {
  if (x > 88.8) { return inf(); } // ln of the largest number: 88.72
  if (x < -104.0) { return 0.0; } // ln of half the smallest subnormal: −103.97
  let k = round(x * EXP_LOG2_E);
  let r = (x - k * EXP_LN2_HIGH) - k * EXP_LN2_LOW;
  return expScale(expReduced(r), k);
}

// 2ˣ, exact for integers.
fn exp2f(x: f32) -> f32 {
  if (x > 128.5) { return inf(); }
  if (x < -150.5) { return 0.0; }
  let k = round(x);
  return expScale(expReduced((x - k) * 0.69314718), k); // ln 2
}

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

fn expPowerOfTwo(k: f32) -> f32 { return bitcast<f32>(u32(i32(k) + 127) << 23u); }
