/** Real float64 functions that Math lacks, accurate to a few units in the last place everywhere. */

/** exp(−c x²) for c = 1 or 1/2 to a few ulps: as it stands, x² would magnify the rounding error of x². */
export function gaussian(x: number, c = 1): number {
  if (Math.abs(x) > 40) return 0; // exp(−40²/2) < 2⁻¹⁰⁷⁵
  // x² = s² + (x − s)(x + s), where s, a multiple of 1/16, has an exact square: Cody 1969.
  const s = Math.trunc(16 * x) / 16;
  return Math.exp(-c * s * s) * Math.exp(c * (s - x) * (s + x));
}

/** The error function, erf x = 2/√π ∫₀ˣ exp(−t²) dt. */
export function erf(x: number): number {
  if (Math.abs(x) >= 0.5) return Math.sign(x) * (1 - erfcPositive(Math.abs(x)));
  // erf x = 2/√π exp(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1)), Abramowitz & Stegun 7.1.6: no cancellation.
  // 12 terms: the next is below 2⁻⁵⁷ of the first for |x| < 1/2.
  let sum = 0;
  for (let n = 12; n > 0; n--) sum = (1 + sum) * ((2 * x * x) / (2 * n + 1));
  return TWO_OVER_SQRT_PI * x * Math.exp(-x * x) * (1 + sum);
}

/** 1 − erf x, with full relative accuracy in the tail. */
export function erfc(x: number): number {
  if (x >= 0.5) return erfcPositive(x);
  return 1 - erf(x);
}

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

// exp(−n²h²) for h = 1/2.
const WEIGHTS = Array.from({ length: 13 }, (_, n) => Math.exp((-n * n) / 4));

/**
 * erfc x for x ≥ 1/2: the trapezoidal rule with step h = 1/2 for
 *   erfc x = x exp(−x²)/π ∫ exp(−t²) / (x² + t²) dt
 * plus the residue of the integrand's pole ix where |x| < π/h: Chiarella & Reichel, Math. Comp. 22
 * (1968) 137. Its error is about exp(−π²/h²) = 7e−18, the first weight left out exp(−13²/4) = 5e−19.
 */
function erfcPositive(x: number, exponential = gaussian(x)): number {
  if (x > 28) return 0; // erfc 28 < 2⁻¹⁰⁷⁵
  let sum = 0;
  for (let n = 12; n > 0; n--) sum += WEIGHTS[n] / (x * x + (n * n) / 4);
  const residue = x < 2 * Math.PI ? 2 / Math.expm1(4 * Math.PI * x) : 0;
  return (exponential / Math.PI) * (0.5 / x + x * sum) - residue;
}

/** The standard normal density, exp(−x²/2)/√2π. */
export function normalPdf(x: number): number {
  return gaussian(x, 0.5) / Math.sqrt(2 * Math.PI);
}

/** The standard normal distribution function Φ(x), with relative accuracy in the lower tail. */
export function normalCdf(x: number): number {
  const u = -x * Math.SQRT1_2;
  // With the exponential of x itself: the rounding error of u would grow by u².
  return (u < 0.5 ? erfc(u) : erfcPositive(u, gaussian(x, 0.5))) / 2;
}

/** 1 / (1 + exp(−x)), without overflow. */
export function sigmoid(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

/** log(1 + exp x), without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** log(sigmoid(x)), without overflow. */
export function logSigmoid(x: number): number {
  return -softplus(-x);
}

/** sin(x)/x, and 1 at 0. */
export function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x) / x;
}

/**
 * The n-th derivative f⁽ⁿ⁾ of f = sinc, from x f⁽ⁿ⁾(x) + n f⁽ⁿ⁻¹⁾(x) = sin(x + nπ/2).
 * Upwards in n the recurrence multiplies errors by n/x, downwards by x/n: so it goes up from f⁽⁰⁾
 * for |x| > n, and otherwise down from any value of an f⁽ᵏ⁾ so high that the error dies out.
 */
export function sincDerivative(n: number, x: number): number {
  const s = Math.sin(x);
  const c = Math.cos(x);
  const shifted = [s, c, -s, -c]; // sin(x + kπ/2) at k mod 4
  if (Math.abs(x) > n + 1) {
    let f = s / x;
    for (let k = 1; k <= n; k++) f = (shifted[k % 4] - k * f) / x;
    return f;
  }
  let f = 0;
  for (let k = sincStart(n, Math.abs(x)); k > n; k--) f = (shifted[k % 4] - x * f) / k;
  return f;
}

/**
 * The k > n from which an error of 1 in f⁽ᵏ⁾ shrinks below 2⁻⁶⁰ on the way down to f⁽ⁿ⁾(x), and three
 * more: near 0 odd derivatives are of the order of x, and complex steps take one more power of x.
 */
export function sincStart(n: number, x: number): number {
  let k = n + 1;
  for (let error = x / k; error > 2 ** -60; error *= x / k) k++;
  return k + 3;
}
