/** Half-precision floats: 1 sign bit, 5 of the exponent, 10 of the fraction. IEEE 754, binary16. */
export function float16sOf(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (b) => {
    const sign = b >> 15 ? -1 : 1;
    const exponent = (b >> 10) & 31;
    const fraction = b & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return exponent === 0
      ? sign * fraction * 2 ** -24
      : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** The upper halves of float32. */
export function bfloat16sOf(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (b) => b << 16).buffer);
}
