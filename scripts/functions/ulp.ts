/** The distance between neighbouring float32 numbers at |y|. */
export function ulp(y: number): number {
  return 2 ** (Math.floor(Math.log2(Math.max(Math.abs(y), 2 ** -126))) - 23);
}
