/**
 * Counter-based random numbers: the bits are a pure function of key and counter, so the GPU and the
 * CPU draw the same ones in any order. shaders/functions/random.wgsl and normal.wgsl mirror this.
 */

// Rotations of Threefry-2x32, in turn four rounds each: table 2 of Salmon et al. 2011.
const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];

/**
 * Threefry-2x32 with 20 rounds: two random words for the counter (c0, c1) under the key (k0, k1).
 * Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export function threefry(k0: number, k1: number, c0: number, c1: number): [number, number] {
  // 0x1bd11bda: parity constant of the key schedule of Threefish, cut to 32 bits (ibid., section 4.2).
  const key = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  let a = (c0 + k0) | 0;
  let b = (c1 + k1) | 0;
  for (let block = 1; block <= 5; block++) {
    for (const r of ROTATIONS[(block - 1) % 2]) {
      a = (a + b) | 0;
      b = ((b << r) | (b >>> (32 - r))) ^ a;
    }
    a = (a + key[block % 3]) | 0;
    b = (b + key[(block + 1) % 3] + block) | 0;
  }
  return [a >>> 0, b >>> 0];
}

/**
 * The image of i under a random bijection of [0, n), n ≤ 2³², chosen by the key (k0, k1).
 * A Feistel network permutes the next power of four; walking its cycle until the value falls below n
 * leaves a bijection of [0, n). Black, Rogaway: "Ciphers with arbitrary finite domains", CT-RSA 2002.
 * Outside [0, n) it is the identity. Give it a key of its own, not one that numbers are drawn with.
 */
export function permute(i: number, n: number, k0: number, k1: number): number {
  if (i >= n) return i;
  let half = 1; // bits in each half of the network's word
  while (half < 16 && n > 4 ** half) half++;
  let x = i;
  do x = feistel(x, half, k0, k1);
  while (x >= n);
  return x;
}

// Ten make all permutations of 4 to 7 elements equally likely, as far as 100,000 keys can show.
const FEISTEL_ROUNDS = 10;

function feistel(x: number, half: number, k0: number, k1: number): number {
  const mask = 2 ** half - 1;
  let left = x >>> half;
  let right = x & mask;
  for (let round = 0; round < FEISTEL_ROUNDS; round++) {
    const next = left ^ (threefry(k0, k1, right, round)[0] & mask);
    left = right;
    right = next;
  }
  const y = ((left << half) | right) >>> 0;
  // Each round is an even permutation (of 16 or more elements); swapping 0 and 1 on the toss of a
  // coin gives the odd ones too.
  return y < 2 ? y ^ (threefry(k0, k1, 0, FEISTEL_ROUNDS)[0] & 1) : y;
}

// No element of another draw is that far out.
const KEY_COUNTER = 0xffffffff;

/** The key of the permutation that belongs to a seed, a draw and a call. */
export const permutationKey = (seed: number, draw: number, call: number): [number, number] =>
  threefry(seed, draw, KEY_COUNTER, call);

/** A multiple of 2⁻²⁴ in [0, 1), from the high 24 bits. */
export function uniformFromBits(bits: number): number {
  return (bits >>> 8) * 2 ** -24;
}

/**
 * min + u (max − min) for u from [0, 1), but never max, unless it is min: what rounds to it becomes the number before. Its
 * parts are float32, so that they are the bits of a device which rounds the product, too.
 */
export function uniformBetween(u: number, min: number, max: number): number {
  const [low, high] = [Math.fround(min), Math.fround(max)];
  const y = low + Math.fround(u * Math.fround(high - low));
  if (Math.fround(y) < high) return y;
  const last = floatBefore(high);
  return low > last ? low : last;
}

/** The next float32 below; of those around 0, which devices may take for 0, the first that is not. */
function floatBefore(x: number): number {
  if (x === 0) return -(2 ** -126);
  const bits = new Uint32Array(Float32Array.of(x).buffer);
  bits[0] += x > 0 ? -1 : 1;
  return new Float32Array(bits.buffer)[0];
}

/** A standard normal number from two random words: Box, Muller 1958, z = √(−2 ln u₁) cos 2πu₂. */
export function normalFromBits(a: number, b: number): number {
  const u1 = ((a >>> 8) + 1) * 2 ** -24; // in (0, 1], so that the logarithm is finite
  return Math.sqrt(-2 * Math.log(u1)) * Math.cos(2 * Math.PI * uniformFromBits(b));
}
