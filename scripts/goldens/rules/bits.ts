import { gather, tensor, where, type Tensor } from "cotangent";
import type { Rules } from "./rule.ts";

/** A binary format of IEEE 754: the exponents of its normal numbers, and the digits of its fractions. */
interface Format {
  least: number;
  most: number;
  digits: number;
}

const FLOAT16: Format = { least: -14, most: 15, digits: 10 };
const BFLOAT16: Format = { least: -126, most: 127, digits: 7 };

const powers = (exponents: number[]) => tensor(exponents.map((e) => 2 ** e));

/** The bits of the numbers nearest to x in a format, ties to even. Exact, as all that it multiplies with are powers of 2. */
function bitsOf(x: Tensor, { least, most, digits }: Format): Tensor {
  const size = x.abs();
  const exponents = Array.from({ length: most - least }, (_, i) => least + 1 + i);
  const reached = size.expandDims(-1).greaterEqual(powers(exponents));
  // Subnormal numbers are of the least exponent, without the leading 1 that the others have.
  const place = reached.cast("int32").sum(-1);
  // Whose inverse may be beyond float32: half of it at a time.
  const half = [least, ...exponents].map((e) => Math.trunc(e / 2));
  const inverse = (parts: number[]) => gather(powers(parts.map((e) => -e)), place);
  const scaled = size
    .mul(inverse(half))
    .mul(inverse([least, ...exponents].map((e, i) => e - half[i])));
  const bits = place.mul(2 ** digits).add(scaled.mul(2 ** digits).round());
  const infinity = (most - least + 2) * 2 ** digits;
  // −0 is known by its reciprocal.
  const negative = where(x.equal(0), x.reciprocal(), x).less(0);
  const sign = where(negative, 2 ** 15, 0);
  return bits.minimum(infinity).add(sign).cast("int32");
}

/** The numbers that float16 bits stand for. */
function ofFloat16(bits: Tensor): Tensor {
  const sign = where(bits.greaterEqual(2 ** 15), -1, 1);
  const exponent = bits.floorDivide(2 ** 10).remainder(32);
  const fraction = bits.remainder(2 ** 10).cast("float32");
  const scale = powers(Array.from({ length: 31 }, (_, e) => Math.max(e, 1) - 25));
  const finite = fraction
    .add(where(exponent.equal(0), 0, 2 ** 10))
    .mul(gather(scale, exponent.minimum(30)));
  const special = where(fraction.equal(0), Infinity, NaN);
  return where(exponent.equal(31), special, finite).mul(sign);
}

interface Quantization {
  q_scale: number;
  q_zero: number;
}

/** Numbers in 16 and in 8 bits. */
export const bits: Rules = {
  convert: ({ x, h_bits }, { q_scale, q_zero }: Quantization) => ({
    f16bits: bitsOf(x, FLOAT16),
    bf16bits: bitsOf(x, BFLOAT16),
    h_f32: ofFloat16(h_bits),
    q: x.clip(-1e6, 1e6).div(q_scale).round().add(q_zero).clip(-128, 127).cast("int32"),
  }),
};
