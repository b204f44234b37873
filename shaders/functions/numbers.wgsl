// uses: bits
// Signs, leading digits and integers of numbers, and quotients of the largest. Exact, but for the last.

// −1, ±0, 1 or NaN; also for subnormal x, which arithmetic may flush to 0.
fn signf(x: f32) -> f32 {
  let pattern = bitcast<u32>(x);
  let one = bitcast<f32>((pattern & 0x80000000u) | 0x3f800000u);
  return select(one, x, ((pattern << 1u) == 0u) | isNan(x));
}

// The integer nearest to x on the side of 0; the greatest or least one beyond them, and 0 for NaN.
fn toInt(x: f32) -> i32 {
  return select(select(i32(x), 2147483647, x >= 2147483648.0), 0, isNan(x));
}

fn toUint(x: f32) -> u32 {
  return select(select(u32(max(x, 0.0)), 4294967295u, x >= 4294967296.0), 0u, isNan(x));
}

// The leading 12 of the 24 bits of x: the product of two such numbers is exact, and so is
// x − highBits(x). A mask, because optimisers may simplify the usual (x·c − (x·c − x)).
fn highBits(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }

// n/d, also for the largest d, for which some devices make 0 of 1/d.
fn quotient(n: f32, d: f32) -> f32 {
  let s = select(1.0, 0.25, abs(d) > 0x1p126f);
  return (n * s) / (d * s);
}
