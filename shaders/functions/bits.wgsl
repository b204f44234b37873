// Tests and constants by bit pattern: WGSL compilers may assume that NaN and ∞ do not occur, so
// `x != x` may fold to false, and a constant that is NaN or ∞ is an error. Exact.

fn isNan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }

fn isInf(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }

// By way of variables, since constant expressions are evaluated when the shader is made.
fn inf() -> f32 {
  var pattern = 0x7f800000u;
  return bitcast<f32>(pattern);
}

fn nan() -> f32 {
  var pattern = 0x7fc00000u;
  return bitcast<f32>(pattern);
}

// min and max that return NaN when an argument is NaN; the built-in ones return the other argument.
fn minimumf(a: f32, b: f32) -> f32 { return select(select(min(a, b), b, isNan(b)), a, isNan(a)); }

fn maximumf(a: f32, b: f32) -> f32 { return select(select(max(a, b), b, isNan(b)), a, isNan(a)); }

// x, or the bound that it lies beyond; least < 0 < most. Patterns of numbers are compared, beyond
// whose ∞ NaN lies, and stays: of comparisons of numbers some drivers make min and max, which drop
// it, and for a clamp others take twenty instructions.
fn within(x: f32, least: f32, most: f32) -> f32 {
  let pattern = bitcast<u32>(x);
  let low = bitcast<u32>(least);
  let high = bitcast<u32>(most);
  let above = select(x, least, pattern - low < 0xff800001u - low);
  return select(above, most, pattern - high < 0x7f800001u - high);
}

// |x|, or most where that is less; NaN stays.
fn absWithin(x: f32, most: f32) -> f32 {
  let pattern = bitcast<u32>(x) & 0x7fffffffu;
  let high = bitcast<u32>(most);
  return bitcast<f32>(select(pattern, high, pattern - high < 0x7f800001u - high));
}

// x, though compilers cannot know: some take the factors of a product, or the divisors of a number,
// in another order, on the way of which numbers may overflow or vanish.
fn opaque(x: f32) -> f32 { return select(x, nan(), isNan(x)); }

// |x| with the sign of s.
fn copySign(x: f32, s: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(s) & 0x80000000u));
}

// The greatest power of two that is no larger than |x|, within 2⁻¹²⁶ and 2¹²⁶.
fn binade(x: f32) -> f32 {
  return bitcast<f32>(clamp(bitcast<u32>(x) & 0x7f800000u, 0x00800000u, 0x7e800000u));
}
