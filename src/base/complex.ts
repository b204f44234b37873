/**
 * Complex arithmetic for complex-step differentiation: f′(x) = Im f(x + iε) / ε for tiny ε.
 * Each function is analytic (nothing conjugates) and keeps both parts to a few ulps of themselves when
 * the imaginary part is tiny, so the derivative is as accurate as the value, over the whole range.
 * For general arguments the results are the principal values, accurate relative to |f(z)|.
 */
import * as real from "./special.ts";

export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** re + i·im. */
export function complex(re: number, im = 0): Complex {
  return { re, im };
}

/** a + b. */
export function add(a: Complex, b: Complex): Complex {
  return complex(a.re + b.re, a.im + b.im);
}

/** a − b. */
export function sub(a: Complex, b: Complex): Complex {
  return complex(a.re - b.re, a.im - b.im);
}

/** −z. */
export function neg(z: Complex): Complex {
  return complex(-z.re, -z.im);
}

/** a·b. */
export function mul(a: Complex, b: Complex): Complex {
  return complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
}

/** s·z for a real s; a zero part stays zero beside a factor that overflowed. */
export function scale(s: number, z: Complex): Complex {
  return complex(times(s, z.re), times(s, z.im));
}

/** a·b, but 0·∞ = 0. */
function times(a: number, b: number): number {
  return (a === 0 && Math.abs(b) === Infinity) || (b === 0 && Math.abs(a) === Infinity) ? 0 : a * b;
}

/** i·z. */
function timesI(z: Complex): Complex {
  return complex(-z.im, z.re);
}

/** −i·z. */
function overI(z: Complex): Complex {
  return complex(z.im, -z.re);
}

/**
 * a/b without overflow in |b|²: Smith, CACM 5 (1962) 435; when the ratio r underflows, the products
 * are taken in the other order: Baudin & Smith, arXiv:1210.4539.
 */
export function div(a: Complex, b: Complex): Complex {
  if (b.im === 0) return complex(a.re / b.re, a.im / b.re);
  if (Math.abs(b.re) < Math.abs(b.im)) return div(overI(a), overI(b));
  const r = b.im / b.re;
  const t = b.re + b.im * r;
  if (r !== 0) return complex((a.re + a.im * r) / t, (a.im - a.re * r) / t);
  return complex((a.re + b.im * (a.im / b.re)) / t, (a.im - b.im * (a.re / b.re)) / t);
}

/** 1/z. */
export function reciprocal(z: Complex): Complex {
  return div(complex(1), z);
}

/** z². */
export function square(z: Complex): Complex {
  return complex((z.re - z.im) * (z.re + z.im), 2 * z.re * z.im);
}

/** z³. */
export function cube(z: Complex): Complex {
  return mul(z, square(z));
}

/** eᶻ = eˣ (cos y + i sin y). */
export function exp({ re: x, im: y }: Complex): Complex {
  return scale(Math.exp(x), complex(Math.cos(y), Math.sin(y)));
}

/** eᶻ − 1; the real part is (eˣ − 1) cos y − 2 sin²(y/2). */
export function expm1({ re: x, im: y }: Complex): Complex {
  return complex(
    times(Math.expm1(x), Math.cos(y)) - 2 * Math.sin(y / 2) ** 2,
    times(Math.exp(x), Math.sin(y)),
  );
}

/** log z = log |z| + i arg z, cut along the negative real axis. */
export function log({ re: x, im: y }: Complex): Complex {
  const large = Math.max(Math.abs(x), Math.abs(y));
  if (large === 0) return complex(-Infinity, Math.atan2(y, x));
  const ratio = Math.min(Math.abs(x), Math.abs(y)) / large;
  // |z|² = large² (1 + ratio²)
  return complex(Math.log(large) + Math.log1p(ratio * ratio) / 2, Math.atan2(y, x));
}

/** log(1 + z), also for z near 0. */
export function log1p({ re: x, im: y }: Complex): Complex {
  const ratio = y / (1 + x);
  if (!(x > -1 && Math.abs(ratio) <= 1)) return log(complex(1 + x, y));
  // |1 + z|² = (1 + x)² (1 + ratio²)
  return complex(Math.log1p(x) + Math.log1p(ratio * ratio) / 2, Math.atan2(y, 1 + x));
}

/** The principal √z. Kahan, "Branch cuts for complex elementary functions", 1987. */
export function sqrt({ re: x, im: y }: Complex): Complex {
  const large = Math.max(Math.abs(x), Math.abs(y));
  if (large === 0) return complex(0, y);
  const ratio = Math.min(Math.abs(x), Math.abs(y)) / large;
  const length = Math.sqrt(1 + ratio * ratio); // |z|/large
  // s² = (|z| + |x|)/2, by the square root of each factor so that nothing overflows.
  const s = Math.sqrt(large) * Math.sqrt((length + (Math.abs(x) === large ? 1 : ratio)) / 2);
  if (x >= 0) return complex(s, y / (2 * s));
  return complex(Math.abs(y) / (2 * s), y < 0 || Object.is(y, -0) ? -s : s);
}

/** The principal aᵇ = exp(b log a); 0⁰ = 1. */
export function pow(a: Complex, b: Complex): Complex {
  const { re: x, im: y } = a;
  const integer = Number.isInteger(b.re);
  if (x === 0 && y === 0) return complex(Math.pow(x, b.re));
  if (b.im === 0 && integer && Math.abs(b.re) <= 4) return smallPower(a, b.re);
  if (Math.abs(y) > Math.abs(x)) return exp(mul(b, log(a)));
  // a = ±|x| (1 + i y/x), so aᵇ = (±1)ᵇ |x|^Re b · exp(i Im b log |x| + b log(1 + i y/x)):
  // near the real axis the last factor is 1 and a first-order term.
  const turn = log1p(complex(0, y / x));
  const twist = times(b.im, Math.log(Math.abs(x)));
  const rest = exp(add(mul(b, turn), complex(0, twist)));
  if (x > 0) return scale(Math.pow(x, b.re), rest);
  const half = y < 0 || Object.is(y, -0) ? -Math.PI : Math.PI; // arg(−1) on this side of the cut
  const sign = integer
    ? scale(b.re % 2 === 0 ? 1 : -1, complex(Math.exp(-half * b.im)))
    : exp(mul(b, complex(0, half)));
  return mul(sign, scale(Math.pow(-x, b.re), rest));
}

/** zⁿ for an integer |n| ≤ 4, by products. */
function smallPower(z: Complex, n: number): Complex {
  if (n < 0) return reciprocal(smallPower(z, -n));
  if (n === 0) return complex(1);
  return n === 1 ? z : n === 2 ? square(z) : n === 3 ? cube(z) : square(square(z));
}

/** sin z = sin x cosh y + i cos x sinh y. */
export function sin({ re: x, im: y }: Complex): Complex {
  return complex(times(Math.sin(x), Math.cosh(y)), times(Math.cos(x), Math.sinh(y)));
}

/** cos z = cos x cosh y − i sin x sinh y. */
export function cos({ re: x, im: y }: Complex): Complex {
  return complex(times(Math.cos(x), Math.cosh(y)), -times(Math.sin(x), Math.sinh(y)));
}

/** tan z = −i tanh(iz). */
export function tan(z: Complex): Complex {
  return overI(tanh(timesI(z)));
}

/** sinh z = sinh x cos y + i cosh x sin y. */
export function sinh({ re: x, im: y }: Complex): Complex {
  return complex(times(Math.sinh(x), Math.cos(y)), times(Math.cosh(x), Math.sin(y)));
}

/** cosh z = cosh x cos y + i sinh x sin y. */
export function cosh({ re: x, im: y }: Complex): Complex {
  return complex(times(Math.cosh(x), Math.cos(y)), times(Math.sinh(x), Math.sin(y)));
}

/** tanh z = (sinh x cosh x + i sin y cos y) / (sinh² x + cos² y). */
export function tanh({ re: x, im: y }: Complex): Complex {
  // From |x| = 20 on both terms of the denominator but e²ˣ/4 are below an ulp.
  if (Math.abs(x) > 20)
    return complex(Math.sign(x), 4 * Math.sin(y) * Math.cos(y) * Math.exp(-2 * Math.abs(x)));
  const s = Math.sinh(x);
  const c = Math.cos(y);
  const d = s * s + c * c;
  return complex((s * Math.cosh(x)) / d, (Math.sin(y) * c) / d);
}

// The inverse functions after Kahan 1987, in forms that keep tiny parts:
// Im(ā b) below is computed as a.re b.im − a.im b.re, which is analytic in z taken as a whole.

/** asin z, cut along the real axis beyond ±1. */
export function asin(z: Complex): Complex {
  const a = sqrt(complex(1 - z.re, -z.im));
  const b = sqrt(complex(1 + z.re, z.im));
  return complex(
    Math.atan2(z.re, a.re * b.re - a.im * b.im),
    Math.asinh(a.re * b.im - a.im * b.re),
  );
}

/** acos z, cut along the real axis beyond ±1. */
export function acos(z: Complex): Complex {
  const a = sqrt(complex(1 - z.re, -z.im));
  const b = sqrt(complex(1 + z.re, z.im));
  return complex(2 * Math.atan2(a.re, b.re), Math.asinh(b.re * a.im - b.im * a.re));
}

/** atan z = −i atanh(iz). */
export function atan(z: Complex): Complex {
  return overI(atanh(timesI(z)));
}

/** The angle of the point (x, y) for complex coordinates, in the quadrant of their real parts. */
export function atan2(y: Complex, x: Complex): Complex {
  const half = (y.re < 0 || Object.is(y.re, -0) ? -Math.PI : Math.PI) / 2;
  if (Math.abs(y.re) > Math.abs(x.re)) return sub(complex(half), atan(div(x, y)));
  if (x.re === 0) return complex(Math.atan2(y.re, x.re), NaN); // the origin: no derivative
  return add(atan(div(y, x)), complex(x.re < 0 ? 2 * half : 0));
}

/** asinh z = −i asin(iz). */
export function asinh(z: Complex): Complex {
  return overI(asin(timesI(z)));
}

/** acosh z, cut along the real axis below 1. */
export function acosh(z: Complex): Complex {
  const a = sqrt(complex(z.re - 1, z.im));
  const b = sqrt(complex(z.re + 1, z.im));
  return complex(Math.asinh(a.re * b.re + a.im * b.im), 2 * Math.atan2(a.im, b.re));
}

/**
 * atanh z, cut along the real axis beyond ±1:
 *   Re = log1p(4x / ((1 − x)² + y²))/4, Im = arg((1 + z)(1 − z̄))/2.
 */
export function atanh({ re: x, im: y }: Complex): Complex {
  const u = Math.abs(x);
  return complex(
    (Math.sign(x) * Math.log1p((4 * u) / ((1 - u) ** 2 + y * y))) / 4,
    Math.atan2(2 * y, (1 - u) * (1 + u) - y * y) / 2,
  );
}

/** The error function of a complex argument with |Im z| < 15 (further out a term overflows). */
export function erf(z: Complex): Complex {
  const rest = erfIncrement(z, real.gaussian(z.re));
  return complex(real.erf(z.re) + rest.re, rest.im);
}

/** 1 − erf z, with relative accuracy in the tail of the right half plane. */
export function erfc(z: Complex): Complex {
  const rest = erfIncrement(z, real.gaussian(z.re));
  return complex(real.erfc(z.re) - rest.re, -rest.im);
}

/**
 * erf(x + iy) − erf x, given exp(−x²): Abramowitz & Stegun 7.1.29 (Salzer 1951), whose error is below
 * 1e−16 |erf z|.
 */
function erfIncrement({ re: x, im: y }: Complex, exponential: number): Complex {
  const factor = exponential / Math.PI;
  if (factor === 0) return complex(0);
  const sin = Math.sin(2 * x * y);
  const cos = Math.cos(2 * x * y);
  // The term for n = 0: (1 − cos 2xy + i sin 2xy)/2x, or iy at x = 0.
  let re = x === 0 ? 0 : Math.sin(x * y) ** 2 / x;
  let im = x === 0 ? y : sin / (2 * x);
  // exp(−n²/4) sinh ny is greatest at n = 2|y|; 13 further terms bring it down by exp(−13²/4).
  const last = 13 + Math.ceil(2 * Math.abs(y));
  for (let n = 1; n <= last; n++) {
    const weight = (2 * Math.exp((-n * n) / 4)) / (n * n + 4 * x * x);
    const cosh = Math.cosh(n * y);
    const sinh = Math.sinh(n * y);
    re += weight * (2 * x * (1 - cosh * cos) + n * sinh * sin);
    im += weight * (2 * x * cosh * sin + n * sinh * cos);
  }
  return complex(factor * re, factor * im);
}

/** The standard normal distribution function, Φ(z) = (1 + erf(z/√2))/2. */
export function normalCdf(z: Complex): Complex {
  const rest = erfIncrement(scale(Math.SQRT1_2, z), real.gaussian(z.re, 0.5));
  return complex(real.normalCdf(z.re) + rest.re / 2, rest.im / 2);
}

/** 1 / (1 + e⁻ᶻ), without overflow. */
export function sigmoid(z: Complex): Complex {
  if (z.re < 0) {
    const e = exp(z);
    return div(e, complex(1 + e.re, e.im));
  }
  const e = exp(neg(z));
  return reciprocal(complex(1 + e.re, e.im));
}

/** log(1 + eᶻ), without overflow. */
export function softplus(z: Complex): Complex {
  return z.re > 0 ? add(z, log1p(exp(neg(z)))) : log1p(exp(z));
}

/** log(eᵃ + eᵇ) = a + log(1 + e^(b−a)) for the greater a. */
export function logAddExp(a: Complex, b: Complex): Complex {
  return a.re < b.re ? logAddExp(b, a) : add(a, log1p(exp(sub(b, a))));
}

/** log(sigmoid(z)), without overflow. */
export function logSigmoid(z: Complex): Complex {
  return neg(softplus(neg(z)));
}

/** sin(z)/z, and 1 at 0. */
export function sinc(z: Complex): Complex {
  return sincDerivative(0, z);
}

/** The n-th derivative of sinc at z: real.sincDerivative explains the two recurrences. */
export function sincDerivative(n: number, z: Complex): Complex {
  const s = sin(z);
  const c = cos(z);
  const shifted = [s, c, neg(s), neg(c)]; // sin(z + kπ/2) at k mod 4
  const size = Math.max(Math.abs(z.re), Math.abs(z.im));
  if (size > n + 2) {
    let f = div(s, z);
    for (let k = 1; k <= n; k++) f = div(sub(shifted[k % 4], scale(k, f)), z);
    return f;
  }
  let f = complex(0);
  for (let k = real.sincStart(n, size); k > n; k--)
    f = scale(1 / k, sub(shifted[k % 4], mul(z, f)));
  return f;
}

/** min(max(z, low), high), by the real part. */
export function clip(z: Complex, low: number, high: number): Complex {
  return z.re < low ? complex(Math.min(low, high)) : z.re > high ? complex(high) : z;
}
