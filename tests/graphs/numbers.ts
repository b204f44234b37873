/** Numbers from −2 to 2 that a seed stands for, some of them equal and some 0. */
export function numbers(size: number, seed: number): Float32Array {
  let state = seed + 1;
  return Float32Array.from({ length: size }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    const u = ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
    return u < 0.1 ? 0 : u < 0.2 ? 0.5 : 4 * u - 2;
  });
}
