// uses: bits, numbers
// Remainders and floor division, exact for quotients of any size: the built-in % computes
// x − y trunc(x/y) on some drivers, which is noise once the quotient needs rounding.

// The remainder with the sign of x (C's fmod, PyTorch's fmod). Exact, by long division of the
// significands, eight bits at a time.
fn fmodf(x: f32, y: f32) -> f32 {
  let a = bitcast<u32>(x) & 0x7fffffffu;
  let b = bitcast<u32>(y) & 0x7fffffffu;
  // Of y, in units of 2⁻¹⁵⁰; subnormal numbers have that of the smallest normal one.
  let exponent = max(b >> 23u, 1u);
  let divisor = remainderSignificand(b);
  var rest = remainderSignificand(a) % divisor;
  for (var shift = max(max(a >> 23u, 1u), exponent) - exponent; shift > 0u;) {
    let step = min(shift, 8u);
    rest = (rest << step) % divisor;
    shift -= step;
  }
  let remainder = select(copySign(remainderCompose(rest, exponent), x), x, a < b);
  return select(remainder, nan(), (a >= 0x7f800000u) | (b > 0x7f800000u) | (b == 0u));
}

fn remainderSignificand(pattern: u32) -> u32 {
  return (pattern & 0x007fffffu) | select(0u, 0x00800000u, pattern >= 0x00800000u);
}

// significand · 2^(exponent − 150), put together from bits so that no subnormal is flushed.
fn remainderCompose(significand: u32, exponent: u32) -> f32 {
  let shift = min(countLeadingZeros(significand) - 8u, exponent - 1u);
  let s = significand << shift;
  return bitcast<f32>((s & 0x007fffffu) | select(0u, (exponent - shift) << 23u, s >= 0x00800000u));
}

// The remainder with the sign of y (Python's %, PyTorch's remainder).
fn remainderf(x: f32, y: f32) -> f32 {
  let r = fmodf(x, y);
  return select(r, r + y, remainderIsOpposite(r, y));
}

// floor(x/y) of the exact quotient (Python's //, PyTorch's floor_divide); from 2²¹ on to rounding.
fn floorDivf(x: f32, y: f32) -> f32 {
  let r = fmodf(x, y);
  // (x − r)/y is an integer but for rounding.
  let q = round(quotient(x - r, y));
  let below = select(q, q - 1.0, remainderIsOpposite(r, y));
  // x/0, of which drivers make 0 where y is a literal.
  return select(below, x * copySign(inf(), y), y == 0.0);
}

// r ≠ 0 with another sign than y, by bits: comparisons may flush a subnormal r.
fn remainderIsOpposite(r: f32, y: f32) -> bool {
  let pattern = bitcast<u32>(r);
  return ((pattern << 1u) != 0u) & ((pattern ^ bitcast<u32>(y)) >= 0x80000000u);
}
