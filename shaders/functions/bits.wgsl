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

// x, or the bound that it lies beyond; least < 0 < most; NaN stays. Patterns are shifted so that what is
// beyond a bound comes last, up to the infinity, and NaN behind that is among the first.
fn within(x: f32, least: f32, most: f32) -> f32 {
  let pattern = min(bitcast<u32>(x) + 0x807fffffu, bitcast<u32>(most) + 0x807fffffu);
  return notBelow(bitcast<f32>(pattern - 0x807fffffu), least);
}

fn notBelow(x: f32, least: f32) -> f32 {
  let pattern = min(bitcast<u32>(x) + 0x007fffffu, bitcast<u32>(least) + 0x007fffffu);
  return bitcast<f32>(pattern - 0x007fffffu);
}

// |x|, or most where that is less; NaN stays.
fn absWithin(x: f32, most: f32) -> f32 {
  let pattern = (bitcast<u32>(x) & 0x7fffffffu) + 0x807fffffu;
  return bitcast<f32>(min(pattern, bitcast<u32>(most) + 0x807fffffu) - 0x807fffffu);
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
